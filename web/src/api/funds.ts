import { queryOptions, useQueries } from '@tanstack/react-query';
import { http } from './client';

/** The first funds by name: for a menu, and for a page that needs some fund to begin with. */
export const firstFunds = (limit: number) =>
  queryOptions({
    queryKey: ['funds', 'first', limit],
    queryFn: async () => {
      const query = { limit, sort: 'name' };
      return (await http.GET('/api/v1/funds', { params: { query } })).data!.items;
    },
  });

export const fundQuery = (fundId: string) =>
  queryOptions({
    queryKey: ['funds', 'one', fundId],
    queryFn: async () => {
      const params = { path: { fund_id: Number(fundId) } };
      return (await http.GET('/api/v1/funds/{fund_id}', { params })).data!;
    },
  });

/** The names of some funds, where a list gives only their ids. */
export function useFundNames(ids: number[]): (id: number) => string {
  const names = useQueries({
    queries: ids.map((id) => fundQuery(String(id))),
    combine: (found) => new Map(found.map(({ data }, index) => [ids[index]!, data?.name])),
  });
  return (id) => names.get(id) ?? `Fund ${id}`;
}
