import { expect, it } from 'vitest';
import type { AuditRow } from '@/api/types';
import { changesOf, valueWords } from '@/lib/changes';
import { actorWords, recordWords, shortChanges } from './words';

const row = (change: Partial<AuditRow>) =>
  ({ note: null, rows: null, before: null, after: null, ...change }) as AuditRow;

it('names records and people in words', () => {
  expect(recordWords({ noun: 'valuation_mark', record_id: 12 })).toBe('Valuation mark 12');
  expect(recordWords({ noun: 'user_session', record_id: null })).toBe('User session');
  expect(actorWords({ actor_kind: 'user', actor_name: 'ada', actor_role: 'company_contact' })).toBe(
    'ada (company contact)',
  );
  expect(actorWords({ actor_kind: 'job', actor_name: 'worker', actor_role: '' })).toBe('Worker');
  expect(actorWords({ actor_kind: 'user', actor_name: '', actor_role: '' })).toBe('Nobody signed in');
});

it('shows days as days, and keeps every digit of an amount', () => {
  expect(valueWords('2024-12-31')).toBe('31 Dec 2024');
  expect(valueWords('9007199254740993.1234')).toBe('9007199254740993.1234');
  expect([valueWords(null), valueWords(false), valueWords({ a: 1 })]).toEqual([null, 'no', 'A: 1']);
});

it('tells what changed, and nothing to who may not see it', () => {
  const before = { fair_value: '100.00', memo: 'x', method: 'dcf', version: 1 };
  const after = { fair_value: '120.00', memo: null, method: 'dcf', version: 2 };
  expect(changesOf({ before, after })).toEqual([
    { label: 'Fair value', before: '100.00', after: '120.00' },
    { label: 'Memo', before: 'x', after: null },
  ]);
  expect(changesOf({ before: null, after: null })).toEqual([]);
});

it('says the most of it in one line', () => {
  const after = { a: '1', b: '2', c: '3' };
  expect(shortChanges(row({ after }))).toBe('A: 1; B: 2; 1 more');
  expect(shortChanges(row({ rows: 1200 }))).toBe('1200 rows');
  expect(shortChanges(row({ note: 'forbidden' }))).toBe('Forbidden');
});
