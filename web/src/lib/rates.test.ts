import { expect, it } from 'vitest';
import { rateText } from './rates';

it('shows enough digits of a rate of any size', () => {
  expect(rateText('1.353834614663416463528970560660041')).toBe('1.353835');
  expect(rateText('20193.16')).toBe('20,193.16');
  expect(rateText('0.007315')).toBe('0.007315');
  expect(rateText('1')).toBe('1');
});
