import { type ReactNode, useId } from 'react';
import classes from './Section.module.css';

/** A titled part of a drawer or a card. */
export function Section({ title, children }: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h3 id={id} className={classes.title}>
        {title}
      </h3>
      {children}
    </section>
  );
}
