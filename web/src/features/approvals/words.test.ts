import { expect, it } from 'vitest';
import type { Effect } from '@/api/types';
import { askedFor, effectChanges, isMine, newLines } from './words';

const row = (change: Partial<Effect>): Effect => ({
  action: 'change',
  noun: 'valuation_mark',
  record_id: 3,
  before: null,
  after: null,
  refs: {},
  rows: null,
  ...change,
});

it('says what is asked for', () => {
  expect(askedFor({ operation: 'change_capital_call', about: 12 })).toBe('Change capital call 12');
  expect(askedFor({ operation: 'issue_capital_call', about: null })).toBe('Issue a capital call');
  expect(askedFor({ operation: 'relax_mark', about: null })).toBe('Let marks wait no longer');
});

it('shows amounts in the currency of the books, and no keys of tables', () => {
  const before = { fair_value: '1.0000', version: 1 };
  const after = { fair_value: '9.0000', version: 2, holding_id: 4 };
  expect(effectChanges(row({ before, after }), 'USD')).toEqual([
    { label: 'Fair value', before: '$1.00', after: '$9.00' },
  ]);
});

it('tells new lines from what is changed', () => {
  const line = row({ action: 'create', noun: 'capital_call_line', after: { amount: '5.0000' } });
  const call = row({ action: 'create', noun: 'capital_call', after: { kind: 'call' } });
  expect(newLines([call, line])).toEqual([[line], [call]]);
});

it('knows whose request it is', () => {
  expect(isMine({ maker: 'user:3' }, 3)).toBe(true);
  expect(isMine({ maker: 'token:3' }, 3)).toBe(false);
  expect(isMine({ maker: 'user:3' }, undefined)).toBe(false);
});
