import type { ReactNode } from 'react';
import classes from './FilterBar.module.css';

/** Labelled filters over a list, side by side where there is room. */
export function FilterBar({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={classes.bar} role="group" aria-label={label}>
      {children}
    </div>
  );
}
