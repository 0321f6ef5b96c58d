import { expect, it } from 'vitest';
import { arranged, cellSays, changeText } from './matrix';
import type { MatrixCell, MatrixCompany, MatrixMetric } from './queries';

const cell = (value: string | null, status: MatrixCell['status'] = 'no_plan'): MatrixCell => ({
  value,
  trend: [value],
  before: null,
  change: null,
  year_before: null,
  change_on_year: '0.25',
  plan: null,
  against_plan: status === 'behind' ? '-0.12' : null,
  status,
  is_draft: false,
});

const company = (
  company_id: number,
  name: string,
  sector: string | null,
  revenue: MatrixCell,
): MatrixCompany => ({
  company_id,
  name,
  sector,
  currency: 'EUR',
  period: '2026-Q2',
  cells: { revenue },
});

const ALL = [
  company(1, 'Birch', 'Energy', cell('900')),
  company(2, 'Acorn', null, cell(null, 'missing')),
  company(3, 'Cobalt', 'Energy', cell('1000', 'behind')),
];
const names = (filter: Parameters<typeof arranged>[1]) =>
  arranged(ALL, filter, new Map([['1@revenue', 'Runway']])).map(({ name }) => name);

it('sorts by figures, what is missing last, and finds by text, sector and state', () => {
  expect(names({})).toEqual(['Acorn', 'Birch', 'Cobalt']);
  expect(names({ sort: '-revenue' })).toEqual(['Cobalt', 'Birch', 'Acorn']);
  expect(names({ sort: 'revenue' })).toEqual(['Birch', 'Cobalt', 'Acorn']);
  expect(names({ sector: ['Energy'], q: 'co' })).toEqual(['Cobalt']);
  expect(names({ status: ['missing', 'alert'] })).toEqual(['Acorn', 'Birch']);
});

it('says a cell in words', () => {
  const metric: MatrixMetric = {
    metric: 'revenue',
    label: 'Revenue',
    unit: 'money',
    statement: 'profit_and_loss',
    less_is_better: false,
  };
  expect(cellSays(ALL[2]!, metric, ALL[2]!.cells['revenue']!)).toBe(
    'Cobalt, Revenue, Q2 2026: 1,000.00 EUR; −12.0% against plan, worse than plan; +25.0% on the year before',
  );
  expect(changeText('0.012', 'ratio')).toBe('+1.2 pp');
});
