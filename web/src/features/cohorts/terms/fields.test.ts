import { expect, it } from 'vitest';
import { toBody } from '@/ui';
import { tradeBody, tradeFields } from './fields';

it('fills the form with proposed terms and sends only what is given', () => {
  const fields = tradeFields(
    { cohort_month: '2026-03-01', sharing_percentage: '0.35', cash_cap: null },
    true,
  );
  const values = Object.fromEntries(fields.map(({ name, initial }) => [name, initial ?? '']));
  expect(toBody(fields, values)).toEqual({ cohort_month: '2026-03-01', sharing_percentage: '0.35' });
  expect(tradeBody(toBody(fields, { ...values, fund_id: '7' }))).toMatchObject({ fund_id: 7 });
  const kept = tradeFields({ allowed_deviation: '0.1', timing: 'same_month' }, false);
  const seen = Object.fromEntries(kept.map(({ name, initial }) => [name, initial ?? '']));
  expect(toBody(kept, seen)).toEqual({ allowed_deviation: '0.1', timing: 'same_month' });
  expect(tradeFields({}, false).map(({ name }) => name)).not.toContain('fund_id');
});
