import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import { cursorPaging, type ListQuery, PAGE_SIZE } from '@/api/lists';
import type { Cut } from '@/api/performance';
import type { Decimal, Page } from '@/api/types';

export interface Investor {
  id: number;
  name: string;
  kind: string;
  country: string | null;
  email: string | null;
  version: number;
}

export interface CommitmentRow {
  id: number;
  fund_id: number;
  vehicle_id: number;
  committed_on: string;
  amount: Decimal;
  currency: string;
}

export async function fetchInvestors(query: ListQuery): Promise<Page<Investor>> {
  const { data } = await http.GET('/api/v1/investors', { params: { query } });
  return data as Page<Investor>;
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
      const { data } = await http.GET('/api/v1/investors/{investor_id}', {
        params: { path: { investor_id: id } },
      });
      return data as Investor;
    },
  });

export const commitmentsQuery = (id: string, { as_of }: Cut) =>
  queryOptions({
    queryKey: ['commitments', id, { as_of }],
    queryFn: async () => {
      const query = { investor_id: id, until: as_of, limit: 1000 };
      const { data } = await http.GET('/api/v1/commitments', { params: { query } });
      return (data as Page<CommitmentRow>).items;
    },
  });
