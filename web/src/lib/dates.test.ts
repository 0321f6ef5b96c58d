import { expect, it } from 'vitest';
import { isIsoDate, lastQuarterEnd, monthAfter, parseDate, quarterEnds, today } from './dates';

it('knows which texts are calendar dates', () => {
  expect(['2024-02-29', '2026-06-30'].every(isIsoDate)).toBe(true);
  expect(['2023-02-29', '2026-13-01', '2026-6-30', '30 Jun 2026', ''].some(isIsoDate)).toBe(false);
});

it('counts months from the first day of one to that of another', () => {
  expect(monthAfter('2024-01-31', 1)).toBe('2024-02-01');
  expect(monthAfter('2024-12-01', 1)).toBe('2025-01-01');
  expect(monthAfter('2024-01-15', -1)).toBe('2023-12-01');
  expect(monthAfter('2024-01-15', 0)).toBe('2024-01-01');
});

it('finds the quarter end on or before a day', () => {
  expect(lastQuarterEnd('2026-06-30')).toBe('2026-06-30');
  expect(lastQuarterEnd('2026-06-29')).toBe('2026-03-31');
  expect(lastQuarterEnd('2026-02-10')).toBe('2025-12-31');
  expect(lastQuarterEnd('2026-12-31')).toBe('2026-12-31');
});

it('lists quarter ends, newest first', () => {
  expect(quarterEnds('2026-07-04', 5)).toEqual([
    '2026-06-30',
    '2026-03-31',
    '2025-12-31',
    '2025-09-30',
    '2025-06-30',
  ]);
});

it('reads dates with a named month and refuses those it would have to guess', () => {
  expect(parseDate('30 Jun 2026')).toBe('2026-06-30');
  expect(parseDate('30 June 2026')).toBe('2026-06-30');
  expect(parseDate('Jun 30, 2026')).toBe('2026-06-30');
  expect(parseDate('2026-06-30')).toBe('2026-06-30');
  expect(parseDate('06/07/26')).toBeNull();
  expect(parseDate('31 Feb 2026')).toBeNull();
  expect(parseDate('3 Foo 2026')).toBeNull();
});

it('takes today from the reader’s own calendar', () => {
  expect(today(new Date(2026, 0, 5, 23, 59))).toBe('2026-01-05');
});

it('takes the day of the books while it is a day behind, as what lies after it is refused', () => {
  const justAfterMidnight = new Date(2026, 0, 6, 0, 30);
  justAfterMidnight.toISOString = () => '2026-01-05T23:30:00.000Z';
  expect(today(justAfterMidnight)).toBe('2026-01-05');
});
