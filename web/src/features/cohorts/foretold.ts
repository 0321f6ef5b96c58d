import type { Cashflows, Cohort, CohortPeriod } from '@/api/types';
import type { Minimums } from './cells';

/** How far the server looks ahead when it is not told. */
const HORIZON = 36;
/** Two floats this close are one number, as on the server. */
const CLOSE = 1e-12;

/**
 * The cash flows at a monthly churn (percent), estimated from what is known: what a moving slider shows until it rests
 * and the server answers. From a cohort's last known month, × (1 − churn) a month. A cap by a target rate, overrides
 * of months to come and all rates of return are the server's alone; `before` is what it answered last.
 */
export function foretold(known: Cashflows, churn: number, minimums: Minimums, before?: Cashflows): Cashflows {
  const keep = 1 - churn / 100;
  return {
    ...known,
    cohorts: known.cohorts.map((cohort, row) => {
      const head = before?.cohorts[row];
      const rates = head?.cohort_month === cohort.cohort_month ? head : cohort;
      return { ...rates, periods: [...cohort.periods, ...toCome(cohort, keep, minimums)] };
    }),
  };
}

function toCome(cohort: Cohort, keep: number, minimums: Minimums): CohortPeriod[] {
  const last = cohort.periods[cohort.periods.length - 1];
  if (!last) return [];
  const spend = Number(cohort.spend ?? 0);
  const funded = cohort.trade_id !== null;
  const sharing = Number(cohort.sharing_percentage ?? 0);
  const cap = last.capped ? Number(last.cumulative_collected) : Number(cohort.effective_cap ?? Infinity);
  let payment = Math.max(Number(last.payment), 0);
  let paid = Number(last.cumulative_payment);
  let collected = Number(last.cumulative_collected);
  const months: CohortPeriod[] = [];
  for (let period = last.period + 1; period < HORIZON; period++) {
    payment *= keep;
    paid += payment;
    const failed = spend > 0 && payment < (minimums.get(period) ?? 0) * spend * (1 - CLOSE);
    const share = funded ? (failed ? 1 : sharing) : 0;
    const held = Math.min(collected + share * payment, cap);
    months.push({
      period,
      month: monthAfter(cohort.cohort_month, period),
      payment: String(payment),
      cumulative_payment: String(paid),
      threshold_failed: failed,
      share_applied: String(share),
      collected: String(held - collected),
      cumulative_collected: String(held),
      capped: funded && held >= cap,
      predicted: true,
    });
    collected = held;
  }
  return months;
}

/** Counted months as they are written: a moving slider asks for the same thousands of times. */
const WRITTEN = new Map<number, string>();

function monthAfter(month: string, months: number): string {
  const counted = Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1 + months;
  let written = WRITTEN.get(counted);
  if (written === undefined) {
    written = `${Math.floor(counted / 12)}-${String((counted % 12) + 1).padStart(2, '0')}-01`;
    WRITTEN.set(counted, written);
  }
  return written;
}
