import { Select, StatusPill } from '@/ui';
import type { Unit } from '../queries';
import classes from './imports.module.css';
import type { FileLine, ToldLine } from './queries';
import { BECAUSE, LEFT_OUT, PERCENTS, SCALES, SIGNS } from './words';

interface Props {
  line: FileLine;
  unit: Unit | undefined;
  metrics: { value: string; label: string }[];
  onTell: (told: ToldLine) => void;
}

/** One line of the file: its label and where it stands, the metric it is, and how its figures are written. */
export function LineRow({ line, unit, metrics, onTell }: Props) {
  const { metric } = line;
  const tell = (change: Partial<ToldLine>) => onTell({ line: line.line, metric, ...change });
  const chosen = metric ?? (line.decided ? LEFT_OUT : null);
  return (
    <li className={classes.line} data-open={!line.decided || undefined}>
      <div className={classes.label}>
        <b>{line.label}</b>
        <p>
          {line.cell}
          {' · '}
          {line.decided ? BECAUSE[line.because] : <StatusPill tone="warn">{BECAUSE.unknown}</StatusPill>}
        </p>
      </div>
      <Select
        aria-label={`Metric of ${line.label}`}
        placeholder="Which metric?"
        searchable
        data={metrics}
        value={chosen}
        onChange={(value) => value && onTell({ line: line.line, metric: value === LEFT_OUT ? null : value })}
      />
      {metric !== null && unit === 'money' && (
        <Select
          aria-label={`Scale of ${line.label}`}
          allowDeselect={false}
          data={SCALES}
          value={String(line.scale)}
          onChange={(value) => value && tell({ scale: Number(value) })}
        />
      )}
      {metric !== null && unit === 'ratio' && (
        <Select
          aria-label={`How ${line.label} is written`}
          allowDeselect={false}
          data={PERCENTS}
          value={line.percent ?? 'fraction'}
          onChange={(value) => value && tell({ percent: value })}
        />
      )}
      {metric !== null && unit === 'money' && (
        <Select
          aria-label={`Sign of ${line.label}`}
          allowDeselect={false}
          data={SIGNS}
          value={String(line.sign)}
          onChange={(value) => value && tell({ sign: Number(value) })}
        />
      )}
    </li>
  );
}
