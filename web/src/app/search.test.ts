import { expect, it } from 'vitest';
import { ledgerSearch, rootSearch } from './search';

it('reads dates, numbers and text from an address', () => {
  expect(rootSearch({ as_of: '2026-06-30', explain: 'funds:1:net.tvpi' })).toMatchObject({
    as_of: '2026-06-30',
    explain: 'funds:1:net.tvpi',
  });
  expect(ledgerSearch({ fund: '12', q: 2020, new: true })).toMatchObject({ fund: 12, q: '2020', new: true });
});

it('leaves out what it cannot read', () => {
  expect(rootSearch({ as_of: '31-31-2020', known_at: 5, explain: {} })).toEqual({});
  expect(ledgerSearch({ fund: 'abc', q: '', sort: [], new: 'maybe' })).toEqual({});
  expect(ledgerSearch({ fund: -1 })).toEqual({});
});
