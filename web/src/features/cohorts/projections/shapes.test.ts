import { expect, it } from 'vitest';
import type { Cashflows, Cohort, Projection } from '@/api/types';
import { assumedBody } from './queries';
import { capMonth, capsReached, curvesOf, forecastDays, hindsight, monthSpans } from './shapes';

const period = (number: number, cumulative: string, more: object = {}) => ({
  period: number,
  month: `2026-0${number + 1}-01`,
  cumulative_payment: cumulative,
  predicted: false,
  capped: false,
  ...more,
});
const cohort = (more: object = {}) =>
  ({
    cohort_month: '2026-01-01',
    spend: '100.00',
    trade_id: 1,
    capped: true,
    periods: [period(0, '20.00'), period(1, '30.00'), period(2, '39.00', { predicted: true, capped: true })],
    ...more,
  }) as Cohort;

it('draws what may come on from what is known', () => {
  expect(curvesOf([cohort(), cohort({ spend: null })])).toEqual([
    { month: '2026-01-01', known: [0.2, 0.3, null], ahead: [null, 0.3, 0.39] },
  ]);
});

it('says when caps are reached', () => {
  expect(capMonth(cohort())).toBe('2026-03-01');
  expect(capMonth(cohort({ periods: [] }))).toBeNull();
  expect(capsReached([cohort(), cohort({ capped: false }), cohort({ trade_id: null })])).toEqual({
    reached: 1,
    trades: 2,
  });
});

it('holds an earlier forecast against what was paid since', () => {
  const then = { cohorts: [cohort()] } as Projection;
  const now = {
    cohorts: [cohort({ periods: [period(0, '20.00'), period(1, '30.00'), period(2, '42.90')] })],
  } as Cashflows;
  const [found] = hindsight(then, now);
  expect(found).toMatchObject({ period: 2, knew: 2, forecast: '39.00', actual: '42.90' });
  expect(found!.off).toBeCloseTo(0.1);
  expect(hindsight(then, { cohorts: [] } as unknown as Cashflows)).toEqual([]);
  expect(forecastDays(now)).toEqual(['2026-02-28', '2026-01-31']);
});

it('asks for one assumption at a time', () => {
  const asked = { churn: 7, horizon: 24 };
  expect(assumedBody({ by: 'churn', ...asked })).toEqual({ churn: '0.07', horizon: 24 });
  expect(assumedBody({ by: 'model', ...asked })).toEqual({ model: 'best', horizon: 24 });
  expect(assumedBody({ by: 'scenario:worst', ...asked })).toEqual({ scenario: 'worst', horizon: 24 });
});

it('names months that follow each other as a span', () => {
  expect(monthSpans([])).toBe('');
  expect(monthSpans(['2023-11-01', '2023-12-01', '2024-01-01', '2024-03-01'])).toBe(
    'Nov 2023 to Jan 2024, Mar 2024',
  );
});
