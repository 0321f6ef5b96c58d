import type { ReactNode } from 'react';
import classes from './layout.module.css';

const part = (className: string | undefined) =>
  function Part({ children }: { children: ReactNode }) {
    return <div className={className}>{children}</div>;
  };

/** Cards under each other. */
export const Stack = part(classes.stack);
/** A wide card and a narrow one; under each other where there is no room. */
export const MainAside = part(classes.two);
export const Halves = part(classes.halves);
/** Fields under each other. */
export const FormStack = part(classes.form);
/** Two short fields side by side. */
export const Pair = part(classes.pair);
export const Actions = part(classes.actions);

export function Note({ children }: { children: ReactNode }) {
  return <p className={classes.note}>{children}</p>;
}
