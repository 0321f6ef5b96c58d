import { expect, it } from 'vitest';
import { ownAddress } from './entering';

it('goes to addresses of our own only', () => {
  expect(ownAddress('/companies?q=a')).toBe('/companies?q=a');
  for (const foreign of [undefined, '', 'https://evil.example', '//evil.example', '/\\evil.example'])
    expect(ownAddress(foreign)).toBe('/');
});
