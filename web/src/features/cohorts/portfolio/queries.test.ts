import { expect, it } from 'vitest';
import { portfolioHref } from './queries';

it('asks for the file of exactly what is shown', () => {
  const filter = { q: 'a&b', sort: '-exposure', company_id: [3, 5], state: ['cap_reached' as const] };
  expect(portfolioHref({ fund_id: 2, as_of: '2024-06-30' }, filter, 'xlsx')).toBe(
    '/api/v1/cohorts/portfolio?format=xlsx&fund_id=2&as_of=2024-06-30&q=a%26b&sort=-exposure' +
      '&company_id=3&company_id=5&state=cap_reached',
  );
  expect(portfolioHref({}, { q: '' }, 'csv')).toBe('/api/v1/cohorts/portfolio?format=csv');
});
