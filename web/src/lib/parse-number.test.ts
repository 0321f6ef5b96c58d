import { describe, expect, it } from 'vitest';
import { fractionToPercent, parseAmount, parsePercent } from './parse-number';

describe('amounts as people type them', () => {
  it.each([
    ['1,250,000.50', '1250000.50'],
    ['1.250.000,50', '1250000.50'],
    ['$1,234.56', '1234.56'],
    ['€ 1 234,56', '1234.56'],
    ['USD 1,250', '1250'],
    ['1250 EUR', '1250'],
    ["1'250'000.00", '1250000.00'],
    ['1.25m', '1250000'],
    ['2.5M', '2500000'],
    ['940k', '940000'],
    ['1.3bn', '1300000000'],
    ['(500)', '-500'],
    ['-500', '-500'],
    ['\u2212500', '-500'],
    ['-$500', '-500'],
    ['12,5', '12.5'],
    ['0.005', '0.005'],
    ['.5', '0.5'],
    ['-0', '0'],
    ['9007199254740993.1234', '9007199254740993.1234'],
  ])('%s is %s', (typed, amount) => expect(parseAmount(typed)).toBe(amount));

  it.each(['', 'abc', '1,2,3', '1.2.3', '12-5', '--5', '(-5)', '1e5', '5x', '1,25,000.00', '.'])(
    '%s is refused rather than guessed',
    (typed) => expect(parseAmount(typed)).toBeNull(),
  );
});

describe('percent', () => {
  it('becomes an exact fraction and comes back', () => {
    expect(parsePercent('12.5%')).toBe('0.125');
    expect(parsePercent('2')).toBe('0.02');
    expect(parsePercent('-0.1')).toBe('-0.001');
    expect(fractionToPercent('0.125')).toBe('12.5');
    expect(fractionToPercent('0.02')).toBe('2');
    expect(fractionToPercent(null)).toBe('');
  });
});
