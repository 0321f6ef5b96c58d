import classes from './Legend.module.css';

export interface LegendItem {
  name: string;
  /** A number of the categorical palette. */
  colour: 1 | 2 | 3 | 4 | 5 | 6 | 'muted' | 'other';
  shape: 'bar' | 'line' | 'dash';
}

interface Props {
  label: string;
  items: LegendItem[];
  hidden: ReadonlySet<string>;
  onToggle: (name: string) => void;
}

/** Our own legend: buttons, so that a keyboard reaches them. */
export function Legend({ label, items, hidden, onToggle }: Props) {
  return (
    <div className={classes.legend} role="group" aria-label={label}>
      {items.map((item) => (
        <button
          key={item.name}
          type="button"
          aria-pressed={!hidden.has(item.name)}
          onClick={() => onToggle(item.name)}
        >
          <i data-shape={item.shape} data-colour={item.colour} />
          {item.name}
        </button>
      ))}
    </div>
  );
}
