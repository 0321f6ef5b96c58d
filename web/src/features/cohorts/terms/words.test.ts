import { expect, it } from 'vitest';
import type { TradeVersion } from './queries';
import { tellTrade, termsWords } from './words';

const version = (more: Partial<TradeVersion>): TradeVersion => ({
  version: 1,
  recorded_at: '2026-01-05T10:00:00Z',
  recorded_by: 3,
  voided_at: null,
  void_reason: null,
  cohort_month: '2026-01-01',
  sharing_percentage: '0.5',
  cash_cap: null,
  ...more,
});

it('tells what was recorded of a trade, newest first, with what changed', () => {
  const told = tellTrade(
    [
      version({}),
      version({ version: 2, cash_cap: '140.00' }),
      version({ version: 3, voided_at: 'x', void_reason: 'twice' }),
    ],
    'USD',
    () => 'by you',
  );
  expect(told.map(({ title }) => title)).toEqual(['Voided: twice', 'Corrected', 'Recorded']);
  expect(told[1]!.changes).toEqual([{ label: 'Cap', before: null, after: '$140.00' }]);
});

it('says of the terms what is agreed', () => {
  expect(termsWords(version({}), 'USD').map(({ label }) => label)).toEqual(['Cohort month', 'Share']);
});
