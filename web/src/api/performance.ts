import { queryOptions } from '@tanstack/react-query';
import { http } from './client';
import type { Performance } from './types';

/** As of which day, as known at which instant. */
export interface Cut {
  as_of?: string;
  known_at?: string;
}

export type Subject = 'funds' | 'vehicles' | 'companies' | 'investments' | 'investors';

interface Asked extends Cut {
  explain?: boolean;
  /** Of an investor: in this fund only. */
  fund_id?: number;
}

const PERFORMANCE = {
  funds: (id: number, query: Asked) =>
    http.GET('/api/v1/funds/{fund_id}/performance', { params: { path: { fund_id: id }, query } }),
  vehicles: (id: number, query: Asked) =>
    http.GET('/api/v1/vehicles/{vehicle_id}/performance', { params: { path: { vehicle_id: id }, query } }),
  companies: (id: number, query: Asked) =>
    http.GET('/api/v1/companies/{company_id}/performance', { params: { path: { company_id: id }, query } }),
  investments: (id: number, query: Asked) =>
    http.GET('/api/v1/investments/{investment_id}/performance', {
      params: { path: { investment_id: id }, query },
    }),
  investors: (id: number, query: Asked) =>
    http.GET('/api/v1/investors/{investor_id}/performance', { params: { path: { investor_id: id }, query } }),
};

/** `id` may be `5@2` for investor 5 in fund 2. */
export const performanceQuery = (subject: Subject, id: string | number, query: Asked) =>
  queryOptions({
    queryKey: ['performance', subject, String(id), query],
    queryFn: async () => {
      const [own, fund] = String(id).split('@');
      const asked = fund ? { ...query, fund_id: Number(fund) } : query;
      return (await PERFORMANCE[subject](Number(own), asked)).data as Performance;
    },
  });

const SERIES = {
  funds: (id: number, query: Cut) =>
    http.GET('/api/v1/funds/{fund_id}/performance/series', { params: { path: { fund_id: id }, query } }),
  companies: (id: number, query: Cut) =>
    http.GET('/api/v1/companies/{company_id}/performance/series', {
      params: { path: { company_id: id }, query },
    }),
};

export const seriesQuery = (subject: keyof typeof SERIES, id: string, query: Cut) =>
  queryOptions({
    queryKey: ['series', subject, id, query],
    queryFn: async () => (await SERIES[subject](Number(id), query)).data!.items,
  });

interface Held extends Cut {
  fund_id?: number;
  company_id?: number;
}

/** What is held, and what was, as of a day. */
export const positionsQuery = (query: Held) =>
  queryOptions({
    queryKey: ['positions', query],
    queryFn: async () => (await http.GET('/api/v1/performance/holdings', { params: { query } })).data!,
  });
