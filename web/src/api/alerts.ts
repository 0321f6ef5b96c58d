import { queryOptions } from '@tanstack/react-query';
import { http } from './client';

/** How many alerts nobody has looked at yet. */
export const openAlertsQuery = queryOptions({
  queryKey: ['alerts', 'open'],
  queryFn: async () =>
    (await http.GET('/api/v1/alerts', { params: { query: { state: 'open', limit: 1 } } })).data!.total,
  staleTime: 60_000,
});
