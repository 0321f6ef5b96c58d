import type { ReactNode } from 'react';
import classes from './DetailList.module.css';

export interface Detail {
  label: string;
  value: ReactNode;
}

/** What a record says, word for word: label and value under each other. */
export function DetailList({ items }: { items: Detail[] }) {
  return (
    <dl className={classes.list}>
      {items.map(({ label, value }) => (
        <div key={label} className={classes.row}>
          <dt>{label}</dt>
          <dd className="tnum">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
