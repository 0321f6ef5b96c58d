import type { ReactNode } from 'react';
import classes from './CheckList.module.css';

/** Boxes to tick, as many beside each other as there is room for. */
export function CheckList({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={classes.list} role="group" aria-label={label}>
      {children}
    </div>
  );
}
