import type { ComponentProps } from 'react';
import classes from './Card.module.css';

export function Card({ className = '', ...rest }: ComponentProps<'section'>) {
  return <section className={`${classes.card} ${className}`} {...rest} />;
}
