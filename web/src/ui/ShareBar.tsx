import { formatPercent, type Numeric, toNumber } from '@/lib/format';
import { NotAvailable } from './NotAvailable';
import classes from './ShareBar.module.css';

interface Props {
  /** A fraction; beyond 1 the bar is full and the text says how far. */
  value: Numeric;
  /** Why there is none. */
  why?: string;
}

const WIDTH = 64;

/** How much of a whole is used: the number, and a bar that repeats it. */
export function ShareBar({ value, why }: Props) {
  const share = toNumber(value);
  if (share === null) return <NotAvailable why={why} />;
  return (
    <span className={classes.bar}>
      <svg width={WIDTH} height={6} aria-hidden>
        <rect width={WIDTH} height={6} rx={3} className={classes.whole} />
        <rect width={Math.min(Math.max(share, 0), 1) * WIDTH} height={6} rx={3} className={classes.part} />
      </svg>
      <span className="tnum">{formatPercent(share, { dp: 0 })}</span>
    </span>
  );
}
