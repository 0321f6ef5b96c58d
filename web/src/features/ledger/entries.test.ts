import { expect, it } from 'vitest';
import type { Fund } from '@/api/types';
import { entryKinds } from './entries';

const FUND: Fund = {
  id: 7,
  name: 'Fund',
  currency: 'USD',
  strategy: 'venture',
  vintage_year: 2020,
  target_size: null,
  started_on: null,
  description: null,
  main_vehicle_id: 9,
  books: 'here',
  version: 1,
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
};
const kind = (id: string) => entryKinds(FUND).find((entry) => entry.id === id)!;

it('sends a call with the amounts given, as text, in its fund', () => {
  const body = kind('call').body({
    kind: 'call',
    called_on: '2026-06-30',
    due_on: '2026-07-14',
    investments: '1250000',
    fees: '',
  });
  expect(body).toEqual({
    kind: 'call',
    called_on: '2026-06-30',
    due_on: '2026-07-14',
    investments: '1250000',
    fund_id: 7,
  });
});

it('names a known company by its id and a new one by its name', () => {
  const given = { invested_on: '2026-06-30', amount: '100000' };
  expect(kind('investment').body({ ...given, company_id: '12' })).toMatchObject({
    company_id: 12,
    fund_id: 7,
  });
  const fresh = kind('investment').body({ ...given, company_id: 'new:Quillstack' });
  expect(fresh).toMatchObject({ company_name: 'Quillstack' });
  expect(fresh).not.toHaveProperty('company_id');
});

it('books what happens to a holding on the holding, not on the fund', () => {
  const body = kind('mark').body({
    holding_id: '3',
    measured_on: '2026-06-30',
    fair_value: '5',
    method: 'cost',
  });
  expect(body).toEqual({ holding_id: 3, measured_on: '2026-06-30', fair_value: '5', method: 'cost' });
});
