import type { ReactNode } from 'react';
import classes from './TextButton.module.css';

interface Props {
  onClick: () => void;
  children: ReactNode;
}

/** Text that opens something here, as a link opens a page. */
export function TextButton({ onClick, children }: Props) {
  return (
    <button type="button" className={classes.text} onClick={onClick}>
      {children}
    </button>
  );
}
