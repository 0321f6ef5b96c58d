import { type ReactNode, useEffect, useRef } from 'react';
import classes from './Held.module.css';

interface Props {
  /** What the fields hold is on its way to the server. */
  pending: boolean;
  /** Its children stand under each other, as a form's fields do. */
  stacked?: boolean;
  children: ReactNode;
}

/**
 * Fields that cannot be changed, nor sent a second time, while what they hold is being sent: what was typed meanwhile
 * would be lost without a word. Whoever was in one of them is there again afterwards.
 */
export function Held({ pending, stacked, children }: Props) {
  const last = useRef<HTMLElement | null>(null);
  useEffect(() => {
    if (!pending && document.activeElement === document.body) last.current?.focus();
  }, [pending]);
  return (
    <fieldset
      className={stacked ? classes.stacked : classes.held}
      disabled={pending}
      onFocus={(event) => {
        last.current = event.target;
      }}
    >
      {children}
    </fieldset>
  );
}
