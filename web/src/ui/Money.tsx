import { formatMoney, type MoneyOptions, NA, type Numeric, toNumber } from '@/lib/format';
import { NotAvailable } from './NotAvailable';

interface Props extends MoneyOptions {
  value: Numeric;
  /** Red when negative. For bad news only, not for every outflow. */
  tone?: boolean;
  /** Why the amount is missing. */
  why?: string;
}

/** Money with its exact value on hover, and a spoken reason where there is none. */
export function Money({ value, tone, why, ...options }: Props) {
  const text = formatMoney(value, options);
  if (text === NA) return <NotAvailable why={why} />;
  const number = toNumber(value)!;
  const bracketRoom = options.negative === 'parens' && number >= 0;
  const className = `tnum${tone && number < 0 ? ' neg' : ''}${bracketRoom ? ' acct-pos' : ''}`;
  const rounded = options.unit !== undefined && options.unit !== 'full';
  const whole = rounded ? formatMoney(value, { ...options, unit: 'full', bare: false }) : undefined;
  return (
    <span className={className} title={whole}>
      {text}
    </span>
  );
}
