import { expect, it } from 'vitest';
import type { CohortTotals } from '@/api/types';
import { newestVintages, vintageLines, vintagePoints } from './vintages';

const at = (period: number, trades: number, ratio: string | null) => ({
  period,
  trades,
  collected_to_outlay: ratio,
});
const vintage = (year: number) =>
  ({
    year,
    trades: 2,
    outlay: '100.00',
    collected_to_outlay: ['0.2'],
    periods: [at(0, 2, '0.2'), at(1, 2, '0.5'), at(2, 1, '0.7')],
  }) as CohortTotals['vintages'][number];

it('draws a year on from where all of its trades are known', () => {
  expect(vintageLines(vintage(2024))).toEqual({ whole: [0.2, 0.5, null], part: [null, 0.5, 0.7] });
  expect(vintagePoints([vintage(2024)]).map(({ whole }) => whole)).toEqual([true, true, false]);
});

it('has a colour for the newest years only', () => {
  const years = [2018, 2019, 2020, 2021, 2022, 2023, 2024].map(vintage);
  expect(newestVintages(years).map(({ year }) => year)).toEqual([2019, 2020, 2021, 2022, 2023, 2024]);
});
