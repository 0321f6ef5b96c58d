import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import classes from './DataTable.module.css';

interface Props {
  label: string;
  right: boolean;
  sorted: 'asc' | 'desc' | false;
  /** Absent where the column cannot be sorted. */
  onSort?: (event: unknown) => void;
}

export function HeaderCell({ label, right, sorted, onSort }: Props) {
  const aria = sorted === 'asc' ? 'ascending' : sorted === 'desc' ? 'descending' : 'none';
  return (
    <th scope="col" aria-sort={onSort ? aria : undefined} className={right ? classes.right : ''}>
      {onSort ? (
        <button type="button" className={classes.sort} onClick={onSort}>
          <span className={classes.heading} title={label}>
            {label}
          </span>
          {sorted === 'asc' && <IconArrowUp size={13} aria-hidden />}
          {sorted === 'desc' && <IconArrowDown size={13} aria-hidden />}
        </button>
      ) : (
        <span className={classes.plain}>
          <span className={classes.heading} title={label}>
            {label}
          </span>
        </span>
      )}
    </th>
  );
}
