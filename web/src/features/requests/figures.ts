import { formatMoney, formatMultiple, formatPercent, formatQuantity, NA } from '@/lib/format';
import type { FormField } from './queries';

/** A figure as people read it, by the metric's unit. */
export function figureText(value: string | null, unit: FormField['unit'], currency: string): string {
  if (value === null) return NA;
  if (unit === 'money') return formatMoney(value, { currency, dp: value.includes('.') ? undefined : 0 });
  if (unit === 'ratio') return formatPercent(value);
  if (unit === 'multiple') return formatMultiple(value);
  return unit === 'months' ? `${formatQuantity(value)} months` : formatQuantity(value);
}

export const changeText = (change: string | null): string =>
  change === null ? NA : formatPercent(change, { dp: 0, sign: true });
