import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import { cursorPaging, PAGE_SIZE } from '@/api/lists';
import type { components } from '@/api/schema';

export type FxRate = components['schemas']['FxRateOut'];
export type FxSeries = components['schemas']['FxSeriesOut'];
export type Converted = components['schemas']['ConvertedOut'];

interface Pair {
  base: string;
  quote: string;
  start?: string;
  end?: string;
  known_at?: string;
}

export const seriesQuery = (query: Pair) =>
  queryOptions({
    queryKey: ['fx', 'series', query],
    queryFn: async () => (await http.GET('/api/v1/fx/series', { params: { query } })).data!,
  });

interface Asked {
  amount: string;
  from: string;
  to: string;
  on?: string;
  known_at?: string;
}

export const convertQuery = (query: Asked) =>
  queryOptions({
    queryKey: ['fx', 'convert', query],
    queryFn: async () => (await http.GET('/api/v1/fx/convert', { params: { query } })).data!,
    retry: false,
  });

export interface RatesQuery {
  sort?: string;
  q?: string;
  kind?: FxRate['kind'];
  known_at?: string;
}

export async function fetchRates(query: RatesQuery & { limit?: number; cursor?: string }) {
  return (await http.GET('/api/v1/fx/rates', { params: { query } })).data!;
}

export const ratesList = (query: RatesQuery) =>
  infiniteQueryOptions({
    queryKey: ['fx', 'rates', query],
    queryFn: ({ pageParam }) => fetchRates({ ...query, limit: PAGE_SIZE, cursor: pageParam }),
    ...cursorPaging,
  });

export async function recordRate(body: components['schemas']['FxRateIn']): Promise<void> {
  await http.POST('/api/v1/fx/rates', { body });
}

export async function voidRate(rate_id: number): Promise<void> {
  await http.POST('/api/v1/fx/rates/{rate_id}/void', {
    params: { path: { rate_id } },
    body: { reason: 'Taken back on the page FX rates' },
  });
}
