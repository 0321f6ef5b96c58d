import { expect, it } from 'vitest';
import { periodsOf } from './periods';

it('reads one period, or all from one to another', () => {
  expect(periodsOf('3', '')).toEqual({ from: 3, to: 3 });
  expect(periodsOf(' 0 ', '11')).toEqual({ from: 0, to: 11 });
});

it('refuses what is no run of periods', () => {
  expect([
    periodsOf('', '3'),
    periodsOf('5', '4'),
    periodsOf('-1', ''),
    periodsOf('1.5', ''),
    periodsOf('1', '9999'),
  ]).toEqual([null, null, null, null, null]);
});
