import type { Cohort, CohortPeriod, Threshold } from '@/api/types';
import { formatDate, formatMoney, formatPercent, toNumber } from '@/lib/format';

export type Measure = 'period' | 'cumulative' | 'minimum';

/** The least payment ÷ spend of each period that has one. */
export type Minimums = ReadonlyMap<number, number>;

const STEPS = { period: [0.03, 0.06, 0.09, 0.12, 0.16, 0.2], cumulative: [0.2, 0.4, 0.6, 0.8, 1, 1.3] };
const AROUND_MINIMUM = [-0.06, -0.04, -0.02, -0.005, 0.005, 0.02, 0.04, 0.06];

export const minimumsOf = (thresholds: readonly Threshold[]): Minimums =>
  new Map(thresholds.map((one) => [one.payment_period_month, Number(one.minimum_payment_percent)]));

/** What a cell draws: payments as a share of the cohort's spend; null where there is no spend, or no minimum. */
export function shareOf(
  cohort: Pick<Cohort, 'spend'>,
  cell: CohortPeriod,
  measure: Measure,
  minimums: Minimums,
): number | null {
  const spend = toNumber(cohort.spend);
  if (!spend) return null;
  const paid = Number(measure === 'cumulative' ? cell.cumulative_payment : cell.payment) / spend;
  if (measure !== 'minimum') return paid;
  const minimum = minimums.get(cell.period);
  return minimum === undefined ? null : paid - minimum;
}

/** The colour's step: `s0` to `s6` for shares, `d0` (below) to `d8` (above) around the minimum. */
export function stepOf(share: number, measure: Measure): string {
  const steps = measure === 'minimum' ? AROUND_MINIMUM : STEPS[measure];
  const found = steps.findIndex((edge) => share < edge);
  return (measure === 'minimum' ? 'd' : 's') + (found === -1 ? steps.length : found);
}

/** The steps of a measure, and the words at both ends of its legend. */
export function scaleOf(measure: Measure): { steps: string[]; low: string; high: string } {
  if (measure === 'minimum')
    return { steps: [...AROUND_MINIMUM, 0].map((_, index) => `d${index}`), low: 'below', high: 'above' };
  const edges = STEPS[measure];
  return {
    steps: [...edges, 0].map((_, index) => `s${index}`),
    low: `<${formatPercent(edges[0], { dp: 0 })}`,
    high: `≥${formatPercent(edges[edges.length - 1], { dp: 0 })}`,
  };
}

/** All a cell says, in a sentence: for the pointer, and for who hears the page. */
export function sentenceOf(cohort: Cohort, cell: CohortPeriod, minimums: Minimums, currency: string): string {
  const share = shareOf(cohort, cell, 'period', minimums);
  const minimum = minimums.get(cell.period);
  const paid = formatMoney(cell.payment, { currency });
  return [
    `${formatDate(cohort.cohort_month, 'month')}, month ${cell.period}: ${paid}`,
    share === null ? null : `${formatPercent(share)} of spend`,
    minimum === undefined ? null : `minimum ${formatPercent(minimum)}`,
    cell.threshold_failed ? 'below the minimum: all of it is collected' : null,
    cohort.trade_id === null ? null : `${formatMoney(cell.collected, { currency })} collected`,
    cell.capped ? 'cap reached' : null,
    cell.predicted ? 'forecast' : null,
  ]
    .filter(Boolean)
    .join('; ');
}
