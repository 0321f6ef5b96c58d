import { expect, it } from 'vitest';
import { everyRow } from './lists';

it('follows the cursors to the last row', async () => {
  const pages: Record<string, { items: number[]; next: string | null; total: number }> = {
    start: { items: [1, 2], next: 'b', total: 3 },
    b: { items: [3], next: null, total: 3 },
  };
  const asked: (string | undefined)[] = [];
  const rows = await everyRow(async ({ cursor }) => {
    asked.push(cursor);
    return pages[cursor ?? 'start']!;
  });
  expect(rows).toEqual([1, 2, 3]);
  expect(asked).toEqual([undefined, 'b']);
});
