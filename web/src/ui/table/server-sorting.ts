import type { SortingState } from '@tanstack/react-table';

/** The server's `-field` as the table's sorting state, and back. */
export function toSorting(sort: string | undefined, columnOf: (field: string) => string): SortingState {
  if (!sort) return [];
  const desc = sort.startsWith('-');
  return [{ id: columnOf(sort.replace(/^-/, '')), desc }];
}

/** First click ascending, second descending, third back to the list's own order. */
export function nextSort(sort: string | undefined, field: string): string | undefined {
  if (sort === field) return `-${field}`;
  return sort === `-${field}` ? undefined : field;
}

/** What a click on a column's header changes in the address. */
export const sortedBy =
  (field: string, own?: string) =>
  ({ sort = own }: { sort?: string }) => ({ sort: nextSort(sort, field) });
