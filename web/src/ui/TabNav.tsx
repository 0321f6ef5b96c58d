import { Children, type ReactNode, useEffect, useRef } from 'react';
import classes from './TabNav.module.css';

/** Links to the pages that belong together, in a line under their head; on a phone it begins where one is. */
export function TabNav({ label, children }: { label: string; children: ReactNode }) {
  const line = useRef<HTMLElement>(null);
  useEffect(() => {
    const nav = line.current!;
    const here = nav.querySelector<HTMLElement>('[aria-current="page"]');
    if (here) nav.scrollLeft = here.offsetLeft - (nav.clientWidth - here.offsetWidth) / 2;
  }, [Children.count(children)]);
  return (
    <nav ref={line} className={classes.tabs} aria-label={label}>
      {children}
    </nav>
  );
}
