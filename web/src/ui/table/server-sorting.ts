import type { SortingState } from '@tanstack/react-table';
import type { ServerList } from './features';

/** The server's `-field` as the table's sorting state, and back. */
export function toSorting(sort: string | undefined, columnOf: (field: string) => string): SortingState {
  if (!sort) return [];
  const desc = sort.startsWith('-');
  return [{ id: columnOf(sort.replace(/^-/, '')), desc }];
}

/** First click ascending, second descending, third back to the list's own order. */
export function nextSort<T>(server: ServerList<T>, field: string): string | undefined {
  if (server.sort === field) return `-${field}`;
  return server.sort === `-${field}` ? undefined : field;
}
