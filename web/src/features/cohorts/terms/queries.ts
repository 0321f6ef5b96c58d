import { queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import type { TradeTerms } from '@/api/types';
import { cohortKey } from '../queries';

const path = (companyId: string, id: number) => ({ company_id: Number(companyId), trade_id: id });

/** The terms as they are recorded now. */
export const tradesQuery = (companyId: string) =>
  queryOptions({
    queryKey: [...cohortKey(companyId), 'trades'],
    queryFn: async () => {
      const params = { path: { company_id: Number(companyId) }, query: { limit: 1000 } };
      return (await http.GET('/api/v1/companies/{company_id}/trades', { params })).data!.items;
    },
  });

/** What was recorded of a trade at one time. */
export type TradeVersion = Partial<TradeTerms> & {
  version: number;
  recorded_at: string;
  recorded_by: number | null;
  voided_at: string | null;
  void_reason: string | null;
};

export const tradeVersionsQuery = (companyId: string, id: number) =>
  queryOptions({
    queryKey: [...cohortKey(companyId), 'trades', id, 'versions'],
    queryFn: async () => {
      const params = { path: path(companyId, id) };
      const found = await http.GET('/api/v1/companies/{company_id}/trades/{trade_id}/versions', { params });
      return found.data as unknown as TradeVersion[];
    },
  });

type Body = Record<string, unknown>;

export const createTrade = async (companyId: string, body: Body): Promise<void> => {
  const params = { path: { company_id: Number(companyId) } };
  await http.POST('/api/v1/companies/{company_id}/trades', { params, body: body as never });
};

/** Saved only over the version that was read; the books the trade is in stay as they are. */
export const correctTrade = async (companyId: string, seen: TradeTerms, body: Body): Promise<void> => {
  await http.PUT('/api/v1/companies/{company_id}/trades/{trade_id}', {
    params: { path: path(companyId, seen.id) },
    headers: { 'If-Match': `"${seen.version}"` },
    body: { ...body, vehicle_id: seen.vehicle_id } as never,
  });
};

export const voidTrade = async (companyId: string, id: number, reason: string): Promise<void> => {
  const params = { path: path(companyId, id) };
  await http.POST('/api/v1/companies/{company_id}/trades/{trade_id}/void', { params, body: { reason } });
};
