import { useMemo } from 'react';
import type { Definition } from '../queries';
import classes from './imports.module.css';
import { LineRow } from './LineRow';
import type { FileLine, ToldLine } from './queries';
import { LEFT_OUT, lineNow } from './words';

interface Props {
  label: string;
  lines: FileLine[];
  told: Readonly<Record<string, ToldLine>>;
  definitions: Definition[];
  onTell: (told: ToldLine) => void;
}

/** Labels as a file or a source writes them, each with the metric it stands for. */
export function LineList({ label, lines, told, definitions, onTell }: Props) {
  const known = useMemo(() => new Map(definitions.map((one) => [one.key, one])), [definitions]);
  const metrics = useMemo(
    () => [
      { value: LEFT_OUT, label: 'Leave this line out' },
      ...definitions
        .filter(({ kind }) => kind !== 'derived')
        .map((one) => ({ value: one.key, label: one.label })),
    ],
    [definitions],
  );
  return (
    <ul className={classes.lines} aria-label={label}>
      {lines.map((line) => (
        <LineRow
          key={line.line}
          line={lineNow(line, told[line.line])}
          unit={known.get(lineNow(line, told[line.line]).metric ?? '')?.unit}
          metrics={metrics}
          onTell={onTell}
        />
      ))}
    </ul>
  );
}
