import { formatQuantity, humanise, NA } from '@/lib/format';
import classes from './imports.module.css';

/** Counts and sums by name: what a file holds, or what it brought in. */
export function Facts({ values }: { values: Record<string, number | string> }) {
  const entries = Object.entries(values);
  if (entries.length === 0) return null;
  return (
    <dl className={classes.facts}>
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt>{humanise(name)}</dt>
          <dd className="tnum">{shown(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function shown(value: number | string): string {
  const text = formatQuantity(value);
  return text === NA ? String(value) : text;
}
