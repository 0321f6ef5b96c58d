import { expect, it } from 'vitest';
import type { Cohort, CohortPeriod } from '@/api/types';
import { sentenceOf, shareOf, stepOf } from './cells';

const cohort = { cohort_month: '2026-01-01', spend: '1000.00', trade_id: 1 } as Cohort;
const cell = (more: Partial<CohortPeriod> = {}) =>
  ({
    period: 1,
    payment: '100.00',
    cumulative_payment: '300.00',
    collected: '100.00',
    threshold_failed: false,
    capped: false,
    predicted: false,
    ...more,
  }) as CohortPeriod;
const minimums = new Map([[1, 0.15]]);

it('draws a share of the spend, of one period, of all so far, or beside the minimum', () => {
  expect(shareOf(cohort, cell(), 'period', minimums)).toBe(0.1);
  expect(shareOf(cohort, cell(), 'cumulative', minimums)).toBe(0.3);
  expect(shareOf(cohort, cell(), 'minimum', minimums)).toBeCloseTo(-0.05);
  expect(shareOf(cohort, cell({ period: 2 }), 'minimum', minimums)).toBeNull();
  expect(shareOf({ ...cohort, spend: null }, cell(), 'period', minimums)).toBeNull();
  expect(shareOf({ ...cohort, spend: '0.00' }, cell(), 'period', minimums)).toBeNull();
});

it('has a step for every share, also beyond both ends', () => {
  expect([stepOf(-0.5, 'period'), stepOf(0.03, 'period'), stepOf(9, 'period')]).toEqual(['s0', 's1', 's6']);
  expect([stepOf(-1, 'minimum'), stepOf(0, 'minimum'), stepOf(1, 'minimum')]).toEqual(['d0', 'd4', 'd8']);
});

it('says in words what the colour and the marks say', () => {
  const said = sentenceOf(cohort, cell({ threshold_failed: true, capped: true }), minimums, 'USD');
  expect(said).toBe(
    'Jan 2026, month 1: $100.00; 10.0% of spend; minimum 15.0%; below the minimum: all of it is collected; ' +
      '$100.00 collected; cap reached',
  );
  expect(sentenceOf(cohort, cell({ predicted: true }), minimums, 'USD')).toMatch(/forecast$/);
});
