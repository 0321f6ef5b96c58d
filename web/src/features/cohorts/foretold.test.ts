import { expect, it } from 'vitest';
import type { Cashflows } from '@/api/types';
import { foretold } from './foretold';

const month = { threshold_failed: false, share_applied: '0.5', capped: false, predicted: false };
const known = {
  currency: 'USD',
  cohorts: [
    {
      cohort_month: '2023-11-01',
      spend: '1000.00',
      trade_id: 1,
      sharing_percentage: '0.5',
      effective_cap: '270.00',
      annual_irr: null,
      periods: [
        { ...month, period: 0, month: '2023-11-01', payment: '200.00', cumulative_payment: '200.00', collected: '100.00', cumulative_collected: '100.00' },
        { ...month, period: 1, month: '2023-12-01', payment: '100.00', cumulative_payment: '300.00', collected: '50.00', cumulative_collected: '150.00' },
      ],
    },
    { cohort_month: '2023-12-01', spend: '1000.00', trade_id: null, effective_cap: null, periods: [] },
  ],
} as unknown as Cashflows; // prettier-ignore

it('goes on from the last known month, up to the cap, all of a month below its minimum', () => {
  const [first, second] = foretold(known, 10, new Map([[3, 0.085]])).cohorts;
  const [, , third, fourth, fifth] = first!.periods;
  expect(first!.periods.slice(0, 2)).toEqual(known.cohorts[0]!.periods);
  expect(first!.periods.length).toBe(36);
  expect(third).toMatchObject({ period: 2, month: '2024-01-01', share_applied: '0.5', predicted: true });
  expect([third, fourth, fifth].map((one) => Number(one!.payment))).toEqual([90, 81, 72.9]);
  expect([third, fourth, fifth].map((one) => one!.threshold_failed)).toEqual([false, true, false]);
  expect([third, fourth, fifth].map((one) => Number(one!.cumulative_collected))).toEqual([195, 270, 270]);
  expect([third, fourth, fifth].map((one) => one!.capped)).toEqual([false, true, true]);
  expect(second!.periods).toEqual([]);
});

it('keeps the rates that the server found last', () => {
  const before = { ...known, cohorts: [{ ...known.cohorts[0]!, annual_irr: 0.2, periods: [] }] } as Cashflows;
  expect(foretold(known, 10, new Map(), before).cohorts[0]!.annual_irr).toBe(0.2);
});
