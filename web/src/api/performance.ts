import { queryOptions } from '@tanstack/react-query';
import { http } from './client';
import type { Performance, Positions, SeriesPoint } from './types';

export interface Cut {
  as_of?: string;
  known_at?: string;
}

type Subject = 'funds' | 'vehicles' | 'companies' | 'investments' | 'investors';

export const performanceQuery = (subject: Subject, id: string, { as_of, known_at }: Cut) =>
  queryOptions({
    queryKey: ['performance', subject, id, { as_of, known_at }],
    queryFn: async () => {
      const { data } = await http.GET(`/api/v1/${subject}/{id}/performance`, {
        params: { path: { id }, query: { as_of, known_at } },
      });
      return data as Performance;
    },
  });

export const seriesQuery = (subject: Subject, id: string, { as_of, known_at }: Cut) =>
  queryOptions({
    queryKey: ['series', subject, id, { as_of, known_at }],
    queryFn: async () => {
      const { data } = await http.GET(`/api/v1/${subject}/{id}/performance/series`, {
        params: { path: { id }, query: { as_of, known_at } },
      });
      return (data as { items: SeriesPoint[] }).items;
    },
  });

interface Held extends Cut {
  fund_id?: string;
  company_id?: string;
}

/** What is held, and what was, as of a day. */
export const positionsQuery = (query: Held) =>
  queryOptions({
    queryKey: ['positions', query],
    queryFn: async () => (await http.GET('/api/v1/positions', { params: { query } })).data as Positions,
  });
