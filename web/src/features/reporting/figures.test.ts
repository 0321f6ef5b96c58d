import { expect, it } from 'vitest';
import { periodText } from '@/lib/format';
import {
  cellText,
  changesOf,
  fixed,
  lastPeriod,
  laterPeriod,
  readTyped,
  toldOf,
  treeOf,
  typedText,
  withPaste,
  reasonText,
} from './figures';
import type { Cell, Line } from './queries';

const cell = (value: string | null, more: Partial<Cell> = {}): Cell => ({
  value,
  currency: 'USD',
  made: 'reported',
  reason: null,
  restated: false,
  before: null,
  stale: false,
  id: 1,
  version: 1,
  source: 'api',
  status: 'submitted',
  recorded_at: null,
  note: null,
  ...more,
});

const line = (metric: string, part_of: string | null = null, cells: Record<string, Cell> = {}): Line => ({
  metric,
  label: metric,
  unit: metric.endsWith('margin') ? 'ratio' : 'money',
  kind: metric.endsWith('margin') ? 'derived' : 'flow',
  part_of,
  values: {},
  cells,
});

it('shows figures by unit and scale', () => {
  expect(cellText('-4464892.00', 'money', 'USD', 'k')).toBe('(4,465)');
  expect(cellText('4194199.00', 'money', 'USD', 'm')).toBe('4.19');
  expect(cellText('4194199', 'money', 'JPY', 'full')).toBe('4,194,199');
  expect(cellText('0.650957', 'ratio', 'USD', 'm')).toBe('65.1%');
  expect(cellText('3.2467', 'multiple', 'USD', 'm')).toBe('3.25x');
  expect(cellText('21.7746', 'months', 'USD', 'm')).toBe('21.8');
  expect(cellText(null, 'money', 'USD', 'k')).toBe('–');
});

it('reads and counts on labels of periods', () => {
  expect(['2024-Q1', '2024-03', 'LTM-2024-12', '2024', '2023-11/2024-01'].map(periodText)).toEqual([
    'Q1 2024',
    'Mar 2024',
    'LTM Dec 2024',
    '2024',
    '2023-11/2024-01',
  ]);
  expect([
    laterPeriod('2024-Q4'),
    laterPeriod('2024-12'),
    laterPeriod('2024'),
    laterPeriod('2024-01', -1),
  ]).toEqual(['2025-Q1', '2025-01', '2025', '2023-12']);
  expect(laterPeriod('LTM-2024-12')).toBeNull();
  expect([lastPeriod('quarter', '2026-02-03'), lastPeriod('month', '2026-01-31')]).toEqual([
    '2025-Q4',
    '2025-12',
  ]);
});

it('folds what is added up in a line', () => {
  const lines = [line('cash', 'current'), line('current', 'total'), line('total'), line('debt')];
  const shape = (folded: string[]) =>
    treeOf(lines, new Set(folded)).map(({ line: { metric }, depth, parent }) => [metric, depth, parent]);
  expect(shape([])).toEqual([
    ['cash', 2, false],
    ['current', 1, true],
    ['total', 0, true],
    ['debt', 0, false],
  ]);
  expect(shape(['total'])).toEqual([
    ['total', 0, true],
    ['debt', 0, false],
  ]);
});

it('takes typed figures exactly, a ratio in percent', () => {
  expect([typedText('0.125', 'ratio'), typedText('-1250.50', 'money'), typedText(null, 'money')]).toEqual([
    '12.5%',
    '-1,250.5',
    '',
  ]);
  expect([readTyped('12.5%', 'ratio'), readTyped('1.25m', 'money'), readTyped(' ', 'money')]).toEqual([
    '0.125',
    '1250000',
    '',
  ]);
  expect(readTyped('about ten', 'money')).toBeNull();
});

it('knows what was changed, what cannot be, and where a pasted block goes', () => {
  const lines = [
    line('revenue', null, { '2024': cell('10.00'), '2025': cell(null, { made: 'none' }) }),
    line('ebitda', null, { '2024': cell('5.00', { made: 'quarters' }) }),
    line('ebitda_margin'),
  ];
  const drafts = { revenue: { '2024': '10', '2025': '12' } };
  expect(changesOf(drafts, lines).map(({ period, value }) => [period, value])).toEqual([['2025', '12']]);
  expect(changesOf({ revenue: { '2024': '', '2025': '' } }, lines).map(({ value }) => value)).toEqual(['']);
  expect(changesOf({ revenue: { '2024': 'x' } }, lines).map(({ value }) => value)).toEqual([null]);
  expect(fixed(lines[2]!, undefined)).toBe('computed');
  expect(fixed(lines[0]!, cell('1', { explain: { ladder: [{}] } }))).toBe('reported in another currency');
  const pasted = withPaste({}, '1\t2\n3\t4\n5\t6\n', { metric: 'revenue', period: '2024' }, lines, [
    '2024',
    '2025',
  ]);
  expect(pasted).toEqual({ revenue: { '2024': '1', '2025': '2' }, ebitda: { '2025': '4' } });
});

it('says where a figure comes from and whether its rate is old', () => {
  expect(toldOf(cell('1', { source: 'form' }))).toBe('by the request’s form');
  expect(toldOf(cell('1', { source: 'import', stale: true }))).toBe(
    'from a file, converted at a rate older than it should be',
  );
  expect(toldOf(cell('1', { source: null }))).toBeUndefined();
});

it('a reason names what is missing as a page does', () => {
  const labels = new Map([['cash_balance', 'Cash']]);
  expect(reasonText('missing: cash_balance', labels)).toBe('Cash is missing');
  expect(reasonText('missing: cash_burn', labels)).toBe('Cash burn is missing');
  expect(reasonText('cash_burn is zero', labels)).toBe('cash_burn is zero');
  expect(reasonText('not reported')).toBe('not reported');
});
