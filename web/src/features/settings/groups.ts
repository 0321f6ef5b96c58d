import type { DirectoryForm } from '@/api/types';

type Pair = NonNullable<DirectoryForm['role_by_group']>[number];

/** "fund-managers = manager", a line each. */
export const groupLines = (pairs: { group: string; role: string }[]): string =>
  pairs.map(({ group, role }) => `${group} = ${role}`).join('\n');

/** What the lines say. The role stands behind the last sign, so that a group's name may hold one; the server knows which roles there are. */
export function readGroups(text: string): Pair[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const at = line.lastIndexOf('=');
    const [group, role] = at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
    return { group: group.trim(), role: role.trim().toLowerCase().replace(/\s+/g, '_') as Pair['role'] };
  });
}
