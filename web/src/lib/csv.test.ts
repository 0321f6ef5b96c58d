import { expect, it } from 'vitest';
import { toCsv } from './csv';

it('quotes, guards formulas, keeps negatives numeric and leaves missing values empty', () => {
  const rows = [
    ['x,"y"', -12.5],
    ['=1+1', null],
    ['-42.10', 0],
  ];
  expect(toCsv(['a', 'b'], rows)).toBe('a,b\r\n"x,""y""",-12.5\r\n\'=1+1,\r\n-42.10,0\r\n');
});
