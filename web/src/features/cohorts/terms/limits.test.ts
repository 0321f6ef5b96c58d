import { expect, it } from 'vitest';
import type { Stressed } from '@/api/types';
import { limitWords } from './limits';

const limit = (more: object) =>
  ({
    rise: 0.2084,
    status: 'found',
    amount: '120000.00',
    collected: '119999.99',
    ...more,
  }) as Stressed['churn_until_cap_missed'];

it('says how much more churn a trade bears', () => {
  expect(limitWords(limit({}), 'cap', 'USD')).toBe(
    'Churn 20.8 points a month higher leaves the cap of $120,000.00 uncollected.',
  );
  expect(limitWords(limit({ rise: 0, status: 'already_uncollected' }), 'outlay', 'USD')).toMatch(
    /even as expected/,
  );
  expect(limitWords(limit({ rise: null, status: 'not_reached' }), 'cap', 'USD')).toMatch(/^No churn/);
  expect(limitWords(limit({ rise: null, status: 'no_cap', amount: null }), 'cap', 'USD')).toMatch(/no cap/);
});
