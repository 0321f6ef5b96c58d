import type { ReactNode } from 'react';
import classes from './RowList.module.css';

export interface ListedRow {
  key: string;
  text: ReactNode;
  note?: ReactNode;
  right?: ReactNode;
  /** It is open beside the list. */
  isCurrent?: boolean;
}

/** A few lines, each with what can be done about it at its end. */
export function RowList({ rows, label }: { rows: ListedRow[]; label: string }) {
  if (rows.length === 0) return null;
  return (
    <ul className={classes.list} aria-label={label}>
      {rows.map(({ key, text, note, right, isCurrent }) => (
        <li key={key} className={classes.row} aria-current={isCurrent || undefined}>
          <div className={classes.text}>
            {text}
            {note && <p>{note}</p>}
          </div>
          {right}
        </li>
      ))}
    </ul>
  );
}
