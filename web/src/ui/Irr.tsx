import { reasonText } from '@/lib/reasons';
import { type FigureRef, useExplain } from './explain';
import { Figure } from './Figure';
import classes from './Figure.module.css';

export interface IrrValue {
  rate: number | null;
  status: string;
  reason?: string | null;
}

interface Props {
  value: IrrValue | null | undefined;
  explain?: FigureRef;
}

/** An IRR with its status: "n.m." where a rate would mislead, a dash with the reason where there is none. */
export function Irr({ value, explain }: Props) {
  const open = useExplain();
  const misleading = value?.status === 'under_one_year' || value?.status === 'multiple_roots';
  if (!misleading || !value) {
    const why = value?.reason ?? value?.status;
    return <Figure kind="percent" value={value?.rate} reason={why} explain={explain} tone />;
  }
  const why = reasonText(value.reason ?? value.status);
  const text = (
    <span className="na" title={`Not meaningful: ${why}`}>
      n.m.<span className="sr-only">, not meaningful: {why}</span>
    </span>
  );
  if (!explain || !open) return text;
  return (
    <button type="button" className={classes.figure} onClick={() => open(explain)}>
      {text}
      <span className="sr-only"> (show how it was made)</span>
    </button>
  );
}
