import type { Cashflows, Cohort, Projection } from '@/api/types';
import { formatDate, toNumber } from '@/lib/format';

/** A cohort's line: cumulative payments ÷ spend by period, known and foretold; they meet in the last known period. */
export interface Curve {
  month: string;
  known: (number | null)[];
  ahead: (number | null)[];
}

const share = (value: string, spend: number): number => Number(value) / spend;

/** The lines of all cohorts that have a spend. */
export function curvesOf(cohorts: readonly Cohort[]): Curve[] {
  return cohorts.flatMap(({ cohort_month, spend, periods }) => {
    const whole = toNumber(spend);
    if (!whole) return [];
    const drawn = periods.map((one) => share(one.cumulative_payment, whole));
    const known = periods.filter(({ predicted }) => !predicted).length;
    return [
      {
        month: cohort_month,
        known: drawn.map((value, period) => (period < known ? value : null)),
        ahead: drawn.map((value, period) => (period >= known - 1 ? value : null)),
      },
    ];
  });
}

/** The month in which a cohort's cap is reached; null where it is not within the horizon, or there is none. */
export const capMonth = (cohort: Cohort): string | null =>
  cohort.periods.find(({ capped }) => capped)?.month ?? null;

/** How many of the trades reach their cap. */
export function capsReached(cohorts: readonly Cohort[]): { reached: number; trades: number } {
  const trades = cohorts.filter(({ trade_id }) => trade_id !== null);
  return { reached: trades.filter(({ capped }) => capped).length, trades: trades.length };
}

/** What an earlier forecast said of a cohort up to its newest month, and what was paid. */
export interface Hindsight {
  month: string;
  /** The newest period that is known now. */
  period: number;
  /** How many of its months the forecast knew. */
  knew: number;
  forecast: string;
  actual: string;
  /** Actual against forecast: 0.1 is a tenth more. */
  off: number | null;
}

/** Cohort by cohort; those of which the forecast foretold nothing that is known by now are left out. */
export function hindsight(then: Projection, now: Cashflows): Hindsight[] {
  const known = new Map(now.cohorts.map((one) => [one.cohort_month, one.periods]));
  return then.cohorts.flatMap(({ cohort_month, periods }) => {
    const paid = known.get(cohort_month) ?? [];
    const period = Math.min(paid.length, periods.length) - 1;
    const said = periods[period];
    const was = paid[period];
    if (!said || !was || !said.predicted) return [];
    const expected = Number(said.cumulative_payment);
    return [
      {
        month: cohort_month,
        period,
        knew: periods.filter(({ predicted }) => !predicted).length,
        forecast: said.cumulative_payment,
        actual: was.cumulative_payment,
        off: expected ? Number(was.cumulative_payment) / expected - 1 : null,
      },
    ];
  });
}

/** The last days of the months of which something is known, newest first, without the newest: nothing came after. */
export function forecastDays(now: Cashflows): string[] {
  const months = new Set(now.cohorts.flatMap(({ periods }) => periods.map(({ month }) => month)));
  return [...months].sort().slice(0, -1).reverse().map(lastDay);
}

function lastDay(month: string): string {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10);
}

const monthNumber = (iso: string): number => Number(iso.slice(0, 4)) * 12 + Number(iso.slice(5, 7));

/** Rising months as a person would name them: “Jan 2024 to Mar 2024, Jun 2024”. */
export function monthSpans(months: readonly string[]): string {
  const spans: [string, string][] = [];
  for (const month of months) {
    const open = spans.at(-1);
    if (open && monthNumber(month) === monthNumber(open[1]) + 1) open[1] = month;
    else spans.push([month, month]);
  }
  const named = (month: string) => formatDate(month, 'month');
  return spans.map(([from, to]) => (from === to ? named(from) : `${named(from)} to ${named(to)}`)).join(', ');
}
