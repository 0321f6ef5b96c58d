import { infiniteQueryOptions } from '@tanstack/react-query';
import { http } from './client';
import { cursorPaging, type ListQuery, PAGE_SIZE } from './lists';

export async function fetchLedger(fundId: number, query: ListQuery) {
  const path = '/api/v1/funds/{fund_id}/ledger';
  return (await http.GET(path, { params: { path: { fund_id: fundId }, query } })).data!;
}

/** A fund's dated facts, whichever table they lie in. */
export const ledgerList = (fundId: number, query: ListQuery) =>
  infiniteQueryOptions({
    queryKey: ['ledger', fundId, query],
    queryFn: ({ pageParam }) => fetchLedger(fundId, { ...query, limit: PAGE_SIZE, cursor: pageParam }),
    ...cursorPaging,
  });
