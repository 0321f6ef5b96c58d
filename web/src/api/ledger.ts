import { infiniteQueryOptions } from '@tanstack/react-query';
import { http } from './client';
import { cursorPaging, type ListQuery, PAGE_SIZE } from './lists';

interface LedgerQuery extends ListQuery {
  /** Also what was taken back. */
  include_voided?: boolean;
}

export async function fetchLedger(fundId: number, query: LedgerQuery) {
  const path = '/api/v1/funds/{fund_id}/ledger';
  return (await http.GET(path, { params: { path: { fund_id: fundId }, query } })).data!;
}

/** A fund's dated facts, whichever table they lie in. */
export const ledgerList = (fundId: number, query: LedgerQuery) =>
  infiniteQueryOptions({
    queryKey: ['ledger', fundId, query],
    queryFn: ({ pageParam }) => fetchLedger(fundId, { ...query, limit: PAGE_SIZE, cursor: pageParam }),
    ...cursorPaging,
  });
