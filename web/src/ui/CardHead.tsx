import type { ReactNode } from 'react';
import classes from './CardHead.module.css';

interface Props {
  title: string;
  sub?: ReactNode;
  right?: ReactNode;
  id?: string;
}

export function CardHead({ title, sub, right, id }: Props) {
  return (
    <div className={classes.head}>
      <div>
        <h2 id={id} className={classes.title}>
          {title}
        </h2>
        {sub && <p className={classes.sub}>{sub}</p>}
      </div>
      {right}
    </div>
  );
}
