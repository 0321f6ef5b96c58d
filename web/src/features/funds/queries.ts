import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import { cursorPaging, type ListQuery, PAGE_SIZE } from '@/api/lists';
import type { Cut } from '@/api/performance';
import type { Decimal, Fund, Irr, Page, Reasons } from '@/api/types';

export interface FundFigures {
  committed: Decimal | null;
  paid_in: Decimal | null;
  distributed: Decimal | null;
  nav: Decimal | null;
  unfunded: Decimal | null;
  dpi: Decimal | null;
  rvpi: Decimal | null;
  tvpi: Decimal | null;
}

export interface FundRow extends FundFigures {
  id: number;
  name: string;
  currency: string;
  strategy: string;
  vintage_year: number | null;
  irr: Irr;
  reasons: Reasons;
}

export interface FundPage extends Page<FundRow> {
  as_of: string;
  /** Of the filtered set; null where it spans several currencies. */
  totals: (FundFigures & { currency: string }) | null;
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

/** The first funds by name, for the menu that switches between them. */
export const fundNames = queryOptions({
  queryKey: ['funds', 'names'],
  queryFn: async () => {
    const { data } = await http.GET('/api/v1/funds', { params: { query: { limit: 20, sort: 'name' } } });
    return (data as Page<{ id: number; name: string; currency: string }>).items.map((fund) => ({
      ...fund,
      id: String(fund.id),
    }));
  },
});

export const fundQuery = (fundId: string) =>
  queryOptions({
    queryKey: ['funds', 'one', fundId],
    queryFn: async () => {
      const { data } = await http.GET('/api/v1/funds/{fund_id}', { params: { path: { fund_id: fundId } } });
      return data as Fund;
    },
  });

export interface HoldingRow {
  id: number;
  company_id: number;
  company: string;
  name: string;
  invested: Decimal | null;
  realised: Decimal | null;
  fair_value: Decimal | null;
  moic: Decimal | null;
  irr: Irr | null;
  share_of_nav: Decimal | null;
  marked_on: string | null;
  reasons: Reasons;
}

export const holdingsQuery = (fundId: string, cut: Cut) =>
  queryOptions({
    queryKey: ['holdings', { fundId, ...cut }],
    queryFn: async () => {
      const query = { fund_id: fundId, limit: 1000, ...cut };
      const { data } = await http.GET('/api/v1/holdings', { params: { query } });
      return data as Page<HoldingRow>;
    },
  });
