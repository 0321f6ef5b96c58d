import { describe, expect, it } from 'vitest';
import {
  commonUnit,
  currencyDigits,
  currencyName,
  formatBps,
  formatDate,
  formatInt,
  formatMoney,
  formatMultiple,
  formatPercent,
  formatQuantity,
  humanise,
  NA,
  pickUnit,
  unitLabel,
} from './format';

describe('money', () => {
  it.each([
    ['184213456.78', { unit: 'm' }, '$184.2m'],
    ['-184213456.78', { unit: 'm' }, '\u2212$184.2m'],
    ['-184213456.78', { unit: 'm', negative: 'parens' }, '($184.2m)'],
    ['1234.5', {}, '$1,234.50'],
    ['1234.5', { currency: 'JPY' }, '¥1,235'],
    ['1.2345', { currency: 'KWD', symbol: false }, '1.235'],
    ['-0.001', {}, '$0.00'],
    ['0', { unit: 'm' }, '$0.0m'],
    ['12.5', { sign: true, currency: 'EUR' }, '+€12.50'],
    ['999999', { unit: 'auto' }, '$1.0m'],
    ['999499', { unit: 'auto' }, '$999k'],
    ['999960000', { unit: 'auto' }, '$1.0bn'],
    ['31600000', { unit: 'm', bare: true }, '31.6'],
    ['3240', { unit: 'k', bare: true }, '3.2'],
    ['-52000', { negative: 'parens', symbol: false, dp: 0 }, '(52,000)'],
    ['922337203685477.5807', { dp: 4 }, '$922,337,203,685,477.5807'],
    ['-922337203685477.5807', { dp: 4 }, '\u2212$922,337,203,685,477.5807'],
  ] as const)('%s %j is %s', (value, options, text) => expect(formatMoney(value, options)).toBe(text));

  it.each([null, undefined, '', 'abc', NaN, Infinity])('%s is not available, never zero', (value) => {
    expect(formatMoney(value)).toBe(NA);
  });

  it('takes one unit for a whole row of tiles from the largest of them', () => {
    expect(commonUnit(['940000', '1300000000', null])).toBe('bn');
    expect(commonUnit([])).toBe('full');
    expect(pickUnit(5e8)).toBe('m');
  });

  it('names the unit once, for a header', () => {
    expect(unitLabel('USD', 'm')).toBe('$m');
    expect(unitLabel('EUR', 'full')).toBe('€');
  });

  it('knows how many decimals a currency has', () => {
    expect([currencyDigits('JPY'), currencyDigits('USD'), currencyDigits('KWD')]).toEqual([0, 2, 3]);
  });
});

describe('ratios', () => {
  it('shows multiples with two decimals under ten and one above', () => {
    expect(formatMultiple('1.8412')).toBe('1.84x');
    expect(formatMultiple(12.345)).toBe('12.3x');
    expect(formatMultiple('9.996')).toBe('10.0x');
    expect(formatMultiple(0)).toBe('0.00x');
    expect(formatMultiple(null)).toBe(NA);
  });

  it('shows fractions as percent, signed by a true minus, capped', () => {
    expect(formatPercent('0.2341')).toBe('23.4%');
    expect(formatPercent(-0.031)).toBe('\u22123.1%');
    expect(formatPercent(-0.0001)).toBe('0.0%');
    expect(formatPercent(42)).toBe('>999%');
    expect(formatPercent(undefined)).toBe(NA);
  });

  it('shows changes of returns in basis points', () => expect(formatBps('0.0063')).toBe('+63 bps'));
});

describe('counts, quantities and words', () => {
  it('groups counts', () => expect(formatInt(10000)).toBe('10,000'));
  it('keeps every decimal of a quantity', () => {
    expect(formatQuantity('1234567.123456')).toBe('1,234,567.123456');
    expect(formatQuantity('100.000000')).toBe('100');
    expect(formatQuantity('-0.5')).toBe('\u22120.5');
  });
  it('names a currency', () => expect(currencyName('CHF')).toBe('Swiss Franc'));
  it('turns a code into words', () => {
    expect(humanise('capital_call')).toBe('Capital call');
    expect(humanise('reported_nav')).toBe('Reported NAV');
  });
});

describe('dates never shift', () => {
  it('writes day, month, quarter and short forms', () => {
    expect(formatDate('2026-06-30')).toBe('30 Jun 2026');
    expect(formatDate('2026-01-01', 'month')).toBe('Jan 2026');
    expect(formatDate('2026-06-30', 'quarter')).toBe('Q2 2026');
    expect(formatDate('2026-06-30', 'short')).toBe('30 Jun');
    expect(formatDate(null)).toBe(NA);
  });
});
