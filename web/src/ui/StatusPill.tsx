import type { ReactNode } from 'react';
import classes from './StatusPill.module.css';

export type Tone = 'neutral' | 'warn' | 'neg' | 'pos' | 'info';

/** Only exceptions get a pill. The normal state is plain text. */
export function StatusPill({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className={classes.pill} data-tone={tone}>
      {children}
    </span>
  );
}
