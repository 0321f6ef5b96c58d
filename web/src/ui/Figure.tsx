import { formatInt, formatMultiple, formatPercent, NA, type Numeric, toNumber } from '@/lib/format';
import type { MoneyOptions } from '@/lib/format';
import { reasonText } from '@/lib/reasons';
import { type FigureRef, useExplain } from './explain';
import classes from './Figure.module.css';
import { Money } from './Money';
import { NotAvailable } from './NotAvailable';

export type FigureKind = 'money' | 'multiple' | 'percent' | 'count';

interface Props {
  kind: FigureKind;
  value: Numeric;
  /** Reason code of a missing value. */
  reason?: string | null;
  money?: MoneyOptions;
  /** What to open on a click; without it the figure is plain text. */
  explain?: FigureRef;
  /** Below one (multiples) or below zero is bad news. */
  tone?: boolean;
}

const TEXT = { multiple: formatMultiple, percent: formatPercent, count: formatInt };

/** A figure that opens into how it was made. */
export function Figure({ kind, value, reason, money, explain, tone }: Props) {
  const open = useExplain();
  const body =
    kind === 'money' ? (
      <Money value={value} why={reasonText(reason)} tone={tone} {...money} />
    ) : (
      <Ratio kind={kind} value={value} reason={reason} tone={tone} />
    );
  if (!explain || !open) return body;
  return (
    <button type="button" className={classes.figure} onClick={() => open(explain)}>
      {body}
      <span className="sr-only"> (show how it was made)</span>
    </button>
  );
}

function Ratio({
  kind,
  value,
  reason,
  tone,
}: Pick<Props, 'value' | 'reason' | 'tone'> & { kind: keyof typeof TEXT }) {
  const text = TEXT[kind](value);
  if (text === NA) return <NotAvailable why={reasonText(reason)} />;
  const bad = tone && toNumber(value)! < (kind === 'multiple' ? 1 : 0);
  return <span className={`tnum${bad ? ' neg' : ''}`}>{text}</span>;
}
