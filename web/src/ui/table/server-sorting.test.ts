import { expect, it } from 'vitest';
import { sortedBy } from './server-sorting';

it('each click goes on from the address, not from what the page still shows', () => {
  const click = sortedBy('amount');
  expect([{}, { sort: 'amount' }, { sort: '-amount' }, { sort: 'name' }].map(click)).toEqual([
    { sort: 'amount' },
    { sort: '-amount' },
    { sort: undefined },
    { sort: 'amount' },
  ]);
});

it('a list with an order of its own turns that round first', () => {
  expect(sortedBy('name', 'name')({})).toEqual({ sort: '-name' });
});
