import { queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import type { components } from '@/api/schema';
import { figuresKey } from '../queries';

type Schemas = components['schemas'];
export type Connection = Schemas['ConnectionOut'];
export type ConnectionBody = Schemas['ConnectionIn'];
export type LastFetch = NonNullable<Connection['last_fetch']>;

const WHILE_FETCHING_MS = 2_000;

export const isFetching = ({ last_fetch }: Connection): boolean =>
  last_fetch?.state === 'waiting' && last_fetch.error === null;

/** Where figures of a company are fetched, asked for again while any fetch is under way. */
export const connectionsQuery = (companyId: string) =>
  queryOptions({
    queryKey: [...figuresKey(companyId), 'connections'],
    queryFn: async () => {
      const params = { path: { company_id: Number(companyId) }, query: { limit: 100 } };
      return (await http.GET('/api/v1/companies/{company_id}/metrics/connections', { params })).data!.items;
    },
    refetchInterval: ({ state }) => (state.data?.some(isFetching) ? WHILE_FETCHING_MS : false),
    staleTime: 0,
  });

const path = (companyId: string, connection_id: number) => ({ company_id: Number(companyId), connection_id });

export async function saveConnection(
  companyId: string,
  known: Connection | null,
  body: ConnectionBody,
): Promise<void> {
  if (known === null)
    await http.POST('/api/v1/companies/{company_id}/metrics/connections', {
      params: { path: { company_id: Number(companyId) } },
      body,
    });
  else
    await http.PUT('/api/v1/companies/{company_id}/metrics/connections/{connection_id}', {
      params: { path: path(companyId, known.id), header: { 'if-match': `"${known.version}"` } },
      body,
    });
}

export async function archiveConnection(companyId: string, id: number): Promise<void> {
  await http.DELETE('/api/v1/companies/{company_id}/metrics/connections/{connection_id}', {
    params: { path: path(companyId, id) },
  });
}

/** Asks the source for these months, or for the last three that are over. */
export async function askForFigures(
  companyId: string,
  id: number,
  months: { first_month?: string; last_month?: string } = {},
): Promise<void> {
  await http.POST('/api/v1/companies/{company_id}/metrics/connections/{connection_id}/fetch', {
    params: { path: path(companyId, id) },
    body: months,
  });
}
