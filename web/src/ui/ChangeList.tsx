import classes from './ChangeList.module.css';

export interface Change {
  label: string;
  /** As it is shown; null where there was nothing. */
  before: string | null;
  after: string | null;
}

/** What changed, each field in one line: its earlier value, then its later one. */
export function ChangeList({ changes, label }: { changes: Change[]; label: string }) {
  return (
    <ul className={classes.list} aria-label={label}>
      {changes.map(({ label: field, before, after }) => (
        <li key={field}>
          <span className={classes.field}>{field}</span>{' '}
          {before !== null && (
            <>
              <del className={classes.before}>
                <span className="sr-only">was </span>
                {before}
              </del>{' '}
            </>
          )}
          {after === null ? (
            <span className="na">{before === null ? 'nothing' : 'taken out'}</span>
          ) : (
            <ins className={classes.after}>
              <span className="sr-only">now </span>
              {after}
            </ins>
          )}
        </li>
      ))}
    </ul>
  );
}
