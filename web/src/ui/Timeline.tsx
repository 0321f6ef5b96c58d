import type { ReactNode } from 'react';
import { formatDate } from '@/lib/format';
import classes from './Timeline.module.css';

export interface TimelineItem {
  key: string;
  on: string;
  title: ReactNode;
  detail?: ReactNode;
}

/** What happened when, newest first as given. */
export function Timeline({ items, label }: { items: TimelineItem[]; label: string }) {
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={label}>
      <ol className={classes.list}>
        {items.map((item) => (
          <li key={item.key} className={classes.item}>
            <time dateTime={item.on} className={classes.when}>
              {formatDate(item.on)}
            </time>
            <span className={classes.rail} aria-hidden />
            <div className={classes.body}>
              <b>{item.title}</b>
              {item.detail && <p>{item.detail}</p>}
            </div>
          </li>
        ))}
      </ol>
    </div>
  );
}
