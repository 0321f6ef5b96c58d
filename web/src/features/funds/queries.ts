import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import { cursorPaging, type ListQuery, PAGE_SIZE } from '@/api/lists';
import type { Cut } from '@/api/performance';
import type { Decimal, Fund, GrossFigures, NetFigures, Page } from '@/api/types';

export interface FundRow {
  fund_id: number;
  fund: string;
  currency: string;
  strategy: string;
  vintage_year: number | null;
  as_of: string;
  net: NetFigures;
  gross: GrossFigures;
}

/** The sums of the filtered funds of one currency: funds of different currencies are never added up. */
export interface FundTotals {
  currency: string;
  funds: number;
  net: NetFigures;
  gross: GrossFigures;
}

export interface FundPage extends Page<FundRow> {
  as_of: string | null;
  totals: FundTotals[];
}

export async function fetchFunds(query: ListQuery): Promise<FundPage> {
  const { data } = await http.GET('/api/v1/performance/funds', { params: { query } });
  return data as FundPage;
}

export const fundsList = (query: ListQuery) =>
  infiniteQueryOptions({
    queryKey: ['funds', 'figures', query],
    queryFn: ({ pageParam }) => fetchFunds({ ...query, limit: PAGE_SIZE, cursor: pageParam }),
    ...cursorPaging,
  });

export const fundQuery = (fundId: string) =>
  queryOptions({
    queryKey: ['funds', 'one', fundId],
    queryFn: async () => {
      const { data } = await http.GET('/api/v1/funds/{fund_id}', { params: { path: { fund_id: fundId } } });
      return data as Fund;
    },
  });

/** A call on the investors, or a distribution to them. */
export interface Activity {
  key: string;
  on: string;
  kind: string;
  purpose: string | null;
  due_on: string;
  amount: Decimal;
  currency: string;
  unpaid_count: number;
  line_count: number;
}

interface Issued extends Omit<Activity, 'key' | 'on'> {
  id: number;
  called_on?: string;
  declared_on?: string;
}

const RECENT = 50;

/** The latest calls and distributions, in one list. */
export const activityQuery = (fundId: string, { as_of }: Cut) =>
  queryOptions({
    queryKey: ['activity', fundId, { as_of }],
    queryFn: async () => {
      const recent = async (path: string, sort: string) => {
        const query = { fund_id: fundId, until: as_of, sort, limit: RECENT };
        return ((await http.GET(path, { params: { query } })).data as Page<Issued>).items;
      };
      const [calls, distributions] = await Promise.all([
        recent('/api/v1/capital-calls', '-called_on'),
        recent('/api/v1/distributions', '-declared_on'),
      ]);
      return [
        ...calls.map((row): Activity => ({ ...row, key: `call-${row.id}`, on: row.called_on ?? row.due_on })),
        ...distributions.map((row): Activity => ({
          ...row,
          key: `distribution-${row.id}`,
          on: row.declared_on ?? row.due_on,
        })),
      ].sort((a, b) => b.on.localeCompare(a.on));
    },
  });
