import { expect, it } from 'vitest';
import { changesOf, valueWords } from './changes';

it('puts what lies in one field together into words', () => {
  expect(valueWords({ due_on: '2026-11-11', since: null, late: true })).toBe(
    'Due on: 11 Nov 2026, Late: yes',
  );
  expect(valueWords(['revenue', 'ebitda'])).toBe('revenue, ebitda');
  expect(valueWords([{ scope_kind: 'firm', scope_id: 0 }])).toBe('Scope kind: Firm, Scope id: 0');
  expect(valueWords({ rows: [1, 2], kind: 'a' })).toBe('Rows: 1, 2; Kind: A');
  expect(valueWords([])).toBeNull();
});

it('tells codes of ours in words, and what people wrote as they wrote it', () => {
  expect(valueWords('cap_reached', 'state')).toBe('Cap reached');
  expect(valueWords(['ebitda', 'cash_balance'], 'metrics')).toBe('EBITDA, Cash balance');
  expect(valueWords('cap_reached', 'memo')).toBe('cap_reached');
});

it('lists what differs, without what the books keep for themselves', () => {
  const before = { id: 1, version: 1, amount: '1.0000', draft: { revenue: '5' } };
  expect(changesOf({ before, after: { ...before, version: 2, draft: {} } })).toEqual([
    { label: 'Draft', before: 'Revenue: 5', after: null },
  ]);
});
