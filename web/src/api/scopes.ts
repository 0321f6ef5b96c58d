import { queryOptions, useQueries } from '@tanstack/react-query';
import type { Granted } from '@/lib/access';
import { http } from './client';

const NAMES: Record<string, (id: number) => Promise<string>> = {
  fund: async (fund_id) =>
    (await http.GET('/api/v1/funds/{fund_id}', { params: { path: { fund_id } } })).data!.name,
  vehicle: async (vehicle_id) =>
    (await http.GET('/api/v1/vehicles/{vehicle_id}', { params: { path: { vehicle_id } } })).data!.name,
  company: async (company_id) =>
    (await http.GET('/api/v1/companies/{company_id}', { params: { path: { company_id } } })).data!.name,
  investor: async (investor_id) =>
    (await http.GET('/api/v1/investors/{investor_id}', { params: { path: { investor_id } } })).data!.name,
  holding: async (holding_id) =>
    (await http.GET('/api/v1/holdings/{holding_id}', { params: { path: { holding_id } } })).data!.name,
};

const nameQuery = (kind: string, id: number) =>
  queryOptions({
    queryKey: ['scope-name', kind, id],
    queryFn: () => NAMES[kind]!(id),
    staleTime: 5 * 60_000,
  });

/** The names of what is granted, where a list gives only kinds and ids. */
export function useScopeNames(grants: Granted[]): (grant: Granted) => string {
  const wanted = new Map(
    grants
      .filter(({ scope_kind: kind, scope_id: id }) => kind in NAMES && id !== null)
      .map((grant) => [`${grant.scope_kind}:${grant.scope_id}`, grant]),
  );
  const keys = [...wanted.keys()];
  const names = useQueries({
    queries: keys.map((key) => nameQuery(wanted.get(key)!.scope_kind, wanted.get(key)!.scope_id!)),
    combine: (found) => new Map(found.map(({ data }, index) => [keys[index]!, data])),
  });
  return ({ scope_kind: kind, scope_id: id }) =>
    kind === 'firm' ? 'The whole firm' : (names.get(`${kind}:${id}`) ?? `${kind} ${id}`);
}
