import { expect, it } from 'vitest';
import { groupLines, readGroups } from './groups';

it('reads what it writes, and a group whose name holds the sign', () => {
  const pairs = [
    { group: 'fund-managers', role: 'manager' as const },
    { group: 'CN=Boards,OU=Groups', role: 'company_contact' as const },
  ];
  expect(readGroups(groupLines(pairs))).toEqual(pairs);
  expect(readGroups('a = Company contact\n\n')).toEqual([{ group: 'a', role: 'company_contact' }]);
  expect(readGroups('nonsense')).toEqual([{ group: 'nonsense', role: '' }]);
});
