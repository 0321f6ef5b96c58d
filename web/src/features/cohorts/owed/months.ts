import type { Owed } from '@/api/types';
import { monthAfter, today } from '@/lib/dates';
import { formatDate } from '@/lib/format';

const BACK = 36;

/** The month that is asked about where the address names none: that of the as-of date, or this one. */
export const monthOf = (asOf: string | undefined): string => monthAfter(asOf ?? today(), 0);

/** The months one may choose: the last three years up to the one figures are of, and the one that is shown. */
export function monthChoices(shown: string, asOf: string | undefined): { value: string; label: string }[] {
  const last = monthOf(asOf);
  const months = Array.from({ length: BACK }, (_, back) => monthAfter(last, -back));
  const all = months.includes(shown) ? months : [...months, shown].sort().reverse();
  return all.map((value) => ({ value, label: formatDate(value, 'month') }));
}

/** How many of the funded cohorts have a payment that is known of the month, and how many have none yet. */
export function knownOf(owed: Owed): { known: number; unknown: number } {
  const unknown = owed.cohorts.filter(({ reason }) => reason !== null).length;
  return { known: owed.cohorts.length - unknown, unknown };
}
