import { useDebouncedValue } from '@mantine/hooks';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Page } from '@/api/types';
import { useSetSearch } from '../useSetSearch';
import type { ServerFacet, ServerList } from './features';
import { sortedBy } from './server-sorting';

interface Wanted {
  q?: string;
  sort?: string;
}

/** Binds a server's list to the table: search and sort live in the address, pages come as they are asked for. */
export function useServerList<T, P extends Page<T>>(
  query: UseInfiniteQueryResult<InfiniteData<P>>,
  wanted: Wanted,
  all: () => Promise<T[]>,
  facets?: ServerFacet[],
): { rows: T[]; first: P | undefined; server: ServerList<T> } {
  const setSearch = useSetSearch();
  const [text, setText] = useState(wanted.q ?? '');
  const [settled] = useDebouncedValue(text, 250);
  useEffect(() => {
    const q = settled.trim() || undefined;
    if (q !== wanted.q) setSearch({ q }, true);
    // Only what was typed moves the address.
  }, [settled]); // eslint-disable-line
  const pages = query.data?.pages ?? [];
  return {
    rows: pages.flatMap((page) => page.items),
    first: pages[0],
    server: {
      total: pages[0]?.total ?? 0,
      sort: wanted.sort,
      onSort: (field) => setSearch(sortedBy(field), true),
      search: text,
      onSearch: setText,
      facets,
      hasMore: query.hasNextPage,
      onMore: () => void query.fetchNextPage(),
      loading: query.isFetchingNextPage,
      all,
    },
  };
}
