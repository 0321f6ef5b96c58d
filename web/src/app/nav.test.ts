import { expect, it } from 'vitest';
import { navFor } from './nav';

const labels = (...operations: string[]) =>
  navFor((operation) => operations.includes(operation)).flatMap(({ items }) =>
    items.map(({ label }) => label),
  );

it('offers the pages of which somebody may see anything', () => {
  expect(labels('company.read', 'account.read')).toEqual(['Companies']);
  expect(labels('fund.read', 'performance.read', 'investor.read')).toEqual(['Funds', 'Ledger', 'Investors']);
  expect(labels()).toEqual([]);
});

it('leads a company to what it owes, and the firm to its own pages', () => {
  expect(labels('company.read', 'cohort.read')).toEqual(['This month', 'Companies']);
  expect(labels('company.read', 'cohort.read', 'cohort_portfolio.read')).not.toContain('This month');
});
