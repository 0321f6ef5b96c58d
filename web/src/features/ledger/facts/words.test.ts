import { expect, it } from 'vitest';
import type { Version } from './queries';
import { changesBetween, factDetails, factName, tellVersions } from './words';

const mark = (change: Partial<Version>): Version => ({
  id: 3,
  version: 1,
  measured_on: '2022-12-31',
  fair_value: '2000000.00',
  method: 'last_round',
  memo: null,
  recorded_at: '2023-01-05T09:00:00Z',
  recorded_by: 7,
  voided_at: null,
  void_reason: null,
  batch_id: null,
  superseded_at: null,
  ...change,
});
const by = (id: number | null) => (id === null ? 'by a token' : `by ${id}`);

it('names a fact as people do', () => {
  expect(factName('marks', undefined)).toBe('Valuation mark');
  expect(factName('vehicle-entries', { kind: 'management_fee' })).toBe('Management fee');
  expect(factName('capital-calls', { kind: 'call' })).toBe('Capital call');
});

it('leaves out what a fact does not say', () => {
  expect(factDetails('marks', mark({}), 'USD')).toEqual([
    { label: 'Measured on', value: '31 Dec 2022' },
    { label: 'Fair value', value: '$2,000,000.00' },
    { label: 'Method', value: 'Last round' },
  ]);
});

it('sees that only the writing of a number changed as no change', () => {
  expect(changesBetween('marks', mark({}), mark({ fair_value: '2000000.0000' }), 'USD')).toEqual([]);
});

it('tells a history newest first, with who and what', () => {
  const told = tellVersions(
    'marks',
    [
      mark({ batch_id: 4, recorded_by: null }),
      mark({ version: 2, fair_value: '1900000.00', memo: 'Second look' }),
      mark({ version: 3, fair_value: '1900000.00', voided_at: 'x', void_reason: 'Wrong company' }),
    ],
    'USD',
    by,
  );
  expect(told.map(({ title, by: who }) => [title, who])).toEqual([
    ['Voided: Wrong company', 'by 7'],
    ['Corrected', 'by 7'],
    ['Recorded by import 4', 'by a token'],
  ]);
  expect(told[1]!.changes).toEqual([
    { label: 'Fair value', before: '$2,000,000.00', after: '$1,900,000.00' },
    { label: 'Note', before: null, after: 'Second look' },
  ]);
});
