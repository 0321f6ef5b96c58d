import { expect, it } from 'vitest';
import { factKey, factOfRow, parseFactKey, RECORDS, trailOf } from './facts';

it('finds again what it wrote', () => {
  expect(parseFactKey(factKey({ record: 'marks', id: 12 }))).toEqual({ record: 'marks', id: 12 });
});

it('reads nothing from a mistyped address', () => {
  for (const key of [undefined, '', 'marks', 'marks:', 'marks:0', 'marks:1:2', 'marks:x', 'users:1'])
    expect(parseFactKey(key)).toBeNull();
});

it('opens rows that are facts, and no lines', () => {
  expect(factOfRow('valuation_mark', 3)).toEqual({ record: 'marks', id: 3 });
  expect(factOfRow('capital_call_line', 3)).toBeNull();
});

it('names every kind of fact as the trail does', () => {
  expect(RECORDS.map((record) => trailOf({ record, id: 1 }))).toContain('valuation_mark:1');
});
