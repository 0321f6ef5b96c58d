import { IconInbox } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './states.module.css';

/** Why there is nothing here, and the next step. */
export function EmptyBlock({ title, hint, action }: { title: string; hint: string; action?: ReactNode }) {
  return (
    <div className={classes.block}>
      <IconInbox size={28} className={classes.icon} aria-hidden />
      <p className={classes.title}>{title}</p>
      <p className={classes.text}>{hint}</p>
      {action && <div className={classes.action}>{action}</div>}
    </div>
  );
}
