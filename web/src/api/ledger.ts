import { infiniteQueryOptions } from '@tanstack/react-query';
import { http } from './client';
import { cursorPaging, type ListQuery, PAGE_SIZE } from './lists';
import type { Decimal, Page } from './types';

/** One dated fact of a fund: a call, a distribution, a transaction, a mark, a fee, a reported NAV. */
export interface LedgerRow {
  /** The table the fact lies in, as the API's path names it (`capital-calls`). */
  record: string;
  id: number;
  on: string;
  kind: string;
  company: string | null;
  investor: string | null;
  memo: string | null;
  /** The fund's own cash: out is negative. Null for a fact that moves no cash. */
  cash: Decimal | null;
  amount: Decimal;
  currency: string;
  recorded_at: string;
  voided_at: string | null;
}

export interface LedgerQuery extends ListQuery {
  kind?: string;
  voided?: boolean;
}

export async function fetchLedger(fundId: string, query: LedgerQuery): Promise<Page<LedgerRow>> {
  const { data } = await http.GET('/api/v1/funds/{fund_id}/ledger', {
    params: { path: { fund_id: fundId }, query },
  });
  return data as Page<LedgerRow>;
}

export const ledgerList = (fundId: string, query: LedgerQuery) =>
  infiniteQueryOptions({
    queryKey: ['ledger', fundId, query],
    queryFn: ({ pageParam }) => fetchLedger(fundId, { ...query, limit: PAGE_SIZE, cursor: pageParam }),
    ...cursorPaging,
  });
