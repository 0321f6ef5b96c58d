import { type ReactNode, useEffect } from 'react';
import { Card, Logo } from '@/ui';
import classes from './DoorCard.module.css';

interface Props {
  title: string;
  sub?: ReactNode;
  children: ReactNode;
  /** Other ways from here. */
  foot?: ReactNode;
}

/** The one card of a page before the sign-in. */
export function DoorCard({ title, sub, children, foot }: Props) {
  useEffect(() => {
    document.title = `${title} · Vestry`;
  }, [title]);
  return (
    <main className={classes.page}>
      <Card className={classes.card}>
        <div className={classes.head}>
          <Logo size={36} />
          <h1>{title}</h1>
          {sub && <p>{sub}</p>}
        </div>
        {children}
        {foot && <div className={classes.foot}>{foot}</div>}
      </Card>
    </main>
  );
}
