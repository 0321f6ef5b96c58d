import { expect, it } from 'vitest';
import type { Cohort, Spend } from '@/api/types';
import { isChanged, rowsOf, wrongDraft } from './drafts';

const spend = (month: string, amount: string) =>
  ({ cohort_month: month, spend: amount, version: 1 }) as Spend;
const cohort = (month: string) => ({ cohort_month: month, customers: 3 }) as Cohort;
const none = { earlier: 0, later: 0 };

it('shows every month from the first that has anything to this one', () => {
  const rows = rowsOf([spend('2023-11-01', '5.00')], [cohort('2024-01-01')], '2024-02-15', none);
  expect(rows.map(({ month }) => month)).toEqual(['2023-11-01', '2023-12-01', '2024-01-01', '2024-02-01']);
  expect(rows.map(({ customers }) => customers)).toEqual([0, 0, 3, 0]);
  expect(rows.map((row) => row.spend?.spend)).toEqual(['5.00', undefined, undefined, undefined]);
  const wider = rowsOf([], [], '2024-02-15', { earlier: 1, later: 2 });
  expect(wider.map(({ month }) => month)).toEqual(['2024-01-01', '2024-02-01', '2024-03-01', '2024-04-01']);
});

it('ends where a company that delivers nothing any more ended', () => {
  const rows = rowsOf([spend('2023-11-01', '5')], [], '2026-02-15', { earlier: 0, later: 1 });
  expect(rows.map(({ month }) => month)).toEqual(['2023-11-01', '2023-12-01']);
});

it('does not fill centuries between two months', () => {
  expect(rowsOf([spend('1900-01-01', '1')], [cohort('2024-02-01')], '2024-02-15', none).length).toBeLessThan(
    250,
  );
});

it('tells what was changed from what was only typed again', () => {
  const row = { month: '2024-01-01', spend: spend('2024-01-01', '185000.00'), customers: 0 };
  expect(['185,000', '185000.0', undefined].map((text) => isChanged(row, text))).toEqual([
    false,
    false,
    false,
  ]);
  expect(['185000.01', '18500', 'x', ''].map((text) => isChanged(row, text))).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(isChanged({ ...row, spend: null }, ' ')).toBe(false);
  expect(isChanged({ ...row, spend: null }, '0')).toBe(true);
});

it('says why a draft cannot be saved', () => {
  const row = { month: '2024-01-01', spend: null, customers: 0 };
  expect(['5', '', 'abc', '(5)'].map((text) => wrongDraft(row, text))).toEqual([
    null,
    null,
    'Not an amount',
    'Below zero',
  ]);
  expect(wrongDraft({ ...row, spend: spend('2024-01-01', '1') }, '')).toMatch(/Void/);
});
