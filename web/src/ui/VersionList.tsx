import type { ReactNode } from 'react';
import { formatInstant } from '@/lib/format';
import { type Change, ChangeList } from './ChangeList';
import classes from './VersionList.module.css';

export interface VersionItem {
  key: string;
  /** The instant it was recorded. */
  at: string;
  title: ReactNode;
  by: string;
  changes: Change[];
}

/** What was recorded of one thing over time, newest first as given: what, who, when, and what changed. */
export function VersionList({ items, label }: { items: VersionItem[]; label: string }) {
  return (
    <ol className={classes.list} aria-label={label}>
      {items.map(({ key, at, title, by, changes }) => (
        <li key={key} className={classes.item}>
          <b>{title}</b>
          <p>
            <time dateTime={at}>{formatInstant(at)}</time>, {by}
          </p>
          {changes.length > 0 && <ChangeList changes={changes} label="What changed" />}
        </li>
      ))}
    </ol>
  );
}
