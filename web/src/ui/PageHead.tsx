import { type ReactNode, useEffect } from 'react';
import classes from './PageHead.module.css';

interface Props {
  title: string;
  sub?: ReactNode;
  /** Where this page belongs: a link back to its list. */
  crumbs?: ReactNode;
  right?: ReactNode;
}

/** The one h1 of a page, its subtitle and its actions; names the browser tab as well. */
export function PageHead({ title, sub, crumbs, right }: Props) {
  useEffect(() => {
    document.title = `${title} · Vestry`;
  }, [title]);
  return (
    <div className={classes.head}>
      <div>
        {crumbs && <p className={classes.crumbs}>{crumbs}</p>}
        <h1 className={classes.h1}>{title}</h1>
        {sub && <p className={classes.sub}>{sub}</p>}
      </div>
      {right && <div className={`${classes.right} no-print`}>{right}</div>}
    </div>
  );
}
