import { expect, test } from 'vitest';
import { cohortFileHref } from './CohortFiles';

test('a table is asked for as of the days that it knows, with what the page chose', () => {
  const cut = { as_of: '2024-06-30', known_at: '2024-07-01T00:00:00Z' };
  expect(cohortFileHref('7', 'owed', 'csv', cut, { month: '2024-06-01' })).toBe(
    '/api/v1/companies/7/owed?format=csv&as_of=2024-06-30&known_at=2024-07-01T00%3A00%3A00Z&month=2024-06-01',
  );
  expect(cohortFileHref('7', 'monthly-rounds', 'xlsx', cut)).toBe(
    '/api/v1/companies/7/monthly-rounds?format=xlsx',
  );
});
