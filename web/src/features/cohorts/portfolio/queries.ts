import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import { cursorPaging } from '@/api/lists';
import type { Cut } from '@/api/performance';
import type { CohortPortfolio, Page, TradeShown } from '@/api/types';
import type { TradeState } from '../words';

export interface TradesFilter {
  q?: string;
  sort?: string;
  company_id?: number[];
  state?: TradeState[];
}

type Asked = Cut & { fund_id?: number };

async function fetchPortfolio({ sort, ...asked }: Asked & TradesFilter): Promise<CohortPortfolio> {
  const query = { ...asked, sort: sort as 'company' | undefined };
  return (await http.GET('/api/v1/cohorts/portfolio', { params: { query } })).data as CohortPortfolio;
}

/** Every trade of a fund, or of all. What companies are paid changes it, so it is asked again on every visit. */
export const portfolioQuery = (asked: Asked) =>
  queryOptions({
    queryKey: ['cohorts', 'portfolio', asked],
    queryFn: () => fetchPortfolio(asked),
    staleTime: 0,
  });

/** The trades of the table, with the totals of the filtered set. */
export interface TradesPage extends Page<TradeShown> {
  totals: CohortPortfolio['currencies'];
}

export const tradesList = (asked: Asked, filter: TradesFilter) =>
  infiniteQueryOptions({
    queryKey: ['cohorts', 'portfolio', asked, filter],
    queryFn: async (): Promise<TradesPage> => {
      const { trades, currencies } = await fetchPortfolio({ ...asked, ...filter });
      return { items: trades, total: trades.length, next: null, totals: currencies };
    },
    ...cursorPaging,
    staleTime: 0,
  });

/** The same trades as a file of the server. */
export function portfolioHref(asked: Asked, filter: TradesFilter, format: 'csv' | 'xlsx'): string {
  const wanted = new URLSearchParams({ format });
  for (const [name, value] of Object.entries({ ...asked, ...filter })) {
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined && one !== '') wanted.append(name, String(one));
  }
  return `/api/v1/cohorts/portfolio?${wanted.toString()}`;
}
