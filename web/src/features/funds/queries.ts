import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import { cursorPaging, type ListQuery, PAGE_SIZE } from '@/api/lists';
import type { Cut } from '@/api/performance';
import type { Decimal, FundPage } from '@/api/types';

export async function fetchFunds(query: ListQuery): Promise<FundPage> {
  return (await http.GET('/api/v1/performance/funds', { params: { query } })).data!;
}

export const fundsList = (query: ListQuery) =>
  infiniteQueryOptions({
    queryKey: ['funds', 'figures', query],
    queryFn: ({ pageParam }) => fetchFunds({ ...query, limit: PAGE_SIZE, cursor: pageParam }),
    ...cursorPaging,
  });

export async function fetchFundNames(query: ListQuery) {
  return (await http.GET('/api/v1/funds', { params: { query } })).data!;
}

/** The funds without their figures. */
export const fundNames = (query: ListQuery) =>
  infiniteQueryOptions({
    queryKey: ['funds', 'names', query],
    queryFn: ({ pageParam }) => fetchFundNames({ ...query, limit: PAGE_SIZE, cursor: pageParam }),
    ...cursorPaging,
  });

/** A call on the investors, or a distribution to them. */
export interface Activity {
  key: string;
  record: 'capital-calls' | 'distributions';
  id: number;
  on: string;
  kind: string;
  purpose: string | null;
  due_on: string;
  amount: Decimal;
  currency: string;
  unpaid_count: number;
  line_count: number;
}

const RECENT = 50;

/** The latest calls and distributions, in one list. */
export const activityQuery = (fundId: string, { as_of }: Cut) =>
  queryOptions({
    queryKey: ['activity', fundId, { as_of }],
    queryFn: async () => {
      const query = { fund_id: Number(fundId), until: as_of, limit: RECENT };
      const [calls, distributions] = await Promise.all([
        http.GET('/api/v1/capital-calls', { params: { query: { ...query, sort: '-called_on' } } }),
        http.GET('/api/v1/distributions', { params: { query: { ...query, sort: '-declared_on' } } }),
      ]);
      const rows: Activity[] = [
        ...calls.data!.items.map((row) => ({
          ...row,
          key: `call-${row.id}`,
          record: 'capital-calls' as const,
          on: row.called_on,
        })),
        ...distributions.data!.items.map((row) => ({
          ...row,
          key: `distribution-${row.id}`,
          record: 'distributions' as const,
          on: row.declared_on,
        })),
      ];
      return rows.sort((a, b) => b.on.localeCompare(a.on));
    },
  });
