import type { Stressed } from '@/api/types';
import { formatMoney, formatPercent } from '@/lib/format';

type Limit = Stressed['churn_until_cap_missed'];

/** The smallest rise of churn that leaves something uncollected, in a sentence. */
export function limitWords(limit: Limit, until: 'cap' | 'outlay', currency: string): string {
  const what = until === 'cap' ? 'the cap' : 'the outlay';
  const amount = limit.amount === null ? '' : ` of ${formatMoney(limit.amount, { currency })}`;
  switch (limit.status) {
    case 'found':
      return `Churn ${points(limit.rise)} points a month higher leaves ${what}${amount} uncollected.`;
    case 'already_uncollected':
      return `${until === 'cap' ? 'The cap' : 'The outlay'}${amount} is not collected even as expected.`;
    case 'not_reached':
      return `No churn leaves ${what}${amount} uncollected.`;
    default:
      return until === 'cap' ? 'There is no cap to miss.' : '';
  }
}

/** 0.2084 → 20.8: a rise of churn is told in points. */
const points = (rise: number | null): string => formatPercent(rise).replace('%', '');
