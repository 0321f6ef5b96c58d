import type { Page } from './types';

/** What every list understands; filters are added by name. */
export interface ListQuery {
  as_of?: string;
  known_at?: string;
  q?: string;
  sort?: string;
  limit?: number;
  cursor?: string;
}

export const PAGE_SIZE = 100;
const EXPORT_SIZE = 1000;

/** Every row of a list, page by page, for a CSV. */
export async function everyRow<T>(
  fetchPage: (query: { cursor?: string; limit: number }) => Promise<Page<T>>,
): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await fetchPage({ cursor, limit: EXPORT_SIZE });
    rows.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor);
  return rows;
}

/** How an infinite query of a cursor-paged list finds its next page. */
export const cursorPaging = {
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page: { next: string | null }) => page.next ?? undefined,
};
