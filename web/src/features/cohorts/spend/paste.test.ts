import { expect, it } from 'vitest';
import { readMonth, readPaste } from './paste';

it('fills the months from one on with a column of amounts, and leaves the empty ones', () => {
  const { rows, bad } = readPaste('185,000\n\n1.2m\r\n178000.50\n\n', '2023-11-01');
  expect(rows).toEqual([
    { month: '2023-11-01', spend: '185000' },
    { month: '2024-01-01', spend: '1200000' },
    { month: '2024-02-01', spend: '178000.50' },
  ]);
  expect(bad).toEqual([]);
});

it('takes months beside their amounts, in any order and under a heading', () => {
  const { rows, bad } = readPaste('Month\tSpend\nMar 2024\t$1,000\n2024-01\t0\n02/2024\t5', '2020-01-01');
  expect(rows).toEqual([
    { month: '2024-03-01', spend: '1000' },
    { month: '2024-01-01', spend: '0' },
    { month: '2024-02-01', spend: '5' },
  ]);
  expect(bad).toEqual([]);
});

it('tells everything that is wrong at once', () => {
  const text = 'Jan 2024\tabc\n13/2024\t5\n2024-03\t-5\n2024-04\t1\n2024-04\t2\n2024-05\t1\t2\n2024-06\t';
  const { rows, bad } = readPaste(text, '2020-01-01');
  expect(rows).toEqual([{ month: '2024-04-01', spend: '1' }]);
  expect(bad.map(({ line }) => line)).toEqual([1, 2, 3, 5, 6, 7]);
  expect(bad.map(({ reason }) => reason)).toEqual([
    '“abc” is not an amount',
    '“13/2024” is not a month, such as 2026-03 or Mar 2026',
    'is below zero',
    'Apr 2024 is there twice, first in row 4',
    'has 3 cells: a month and its spend are needed',
    'has no amount',
  ]);
});

it('reads a month in the ways people write one, and guesses at no other', () => {
  expect(['2024-03', '2024-03-01', '3/2024', 'March 2024', '1 Mar 2024'].map(readMonth)).toEqual(
    Array.from({ length: 5 }, () => '2024-03-01'),
  );
  expect(['2024-03-15', '03/01/24', 'Q1 2024', '2024', ''].map(readMonth)).toEqual(
    Array.from({ length: 5 }, () => null),
  );
});
