import { queryOptions } from '@tanstack/react-query';
import { http } from './client';

/** How many requests wait for whoever is signed in: asked for by others, and not decided. */
export const waitingQuery = queryOptions({
  queryKey: ['approvals', 'waiting'],
  queryFn: async () =>
    (await http.GET('/api/v1/approvals', { params: { query: { mine: true, limit: 1 } } })).data!.total,
  staleTime: 60_000,
});
