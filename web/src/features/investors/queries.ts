import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import { cursorPaging, type ListQuery, PAGE_SIZE } from '@/api/lists';
import type { Cut } from '@/api/performance';

export async function fetchInvestors(query: ListQuery) {
  return (await http.GET('/api/v1/investors', { params: { query } })).data!;
}

export const investorsList = (query: ListQuery) =>
  infiniteQueryOptions({
    queryKey: ['investors', query],
    queryFn: ({ pageParam }) => fetchInvestors({ ...query, limit: PAGE_SIZE, cursor: pageParam }),
    ...cursorPaging,
  });

export const investorQuery = (id: string) =>
  queryOptions({
    queryKey: ['investors', 'one', id],
    queryFn: async () => {
      const params = { path: { investor_id: Number(id) } };
      return (await http.GET('/api/v1/investors/{investor_id}', { params })).data!;
    },
  });

export const commitmentsQuery = (id: string, { as_of }: Cut) =>
  queryOptions({
    queryKey: ['investors', id, 'commitments', { as_of }],
    queryFn: async () => {
      const query = { investor_id: Number(id), until: as_of, limit: 1000 };
      return (await http.GET('/api/v1/commitments', { params: { query } })).data!.items;
    },
  });
