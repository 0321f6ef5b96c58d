import type { ReactNode } from 'react';
import classes from './Card.module.css';

/** What stands in a card under its head. */
export function CardBody({ children }: { children: ReactNode }) {
  return <div className={classes.body}>{children}</div>;
}
