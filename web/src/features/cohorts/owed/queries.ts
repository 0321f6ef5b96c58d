import { queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import type { Cut } from '@/api/performance';
import { cohortKey } from '../queries';

/** What a company owes for a month; `month` is its first day. */
export const owedQuery = (companyId: string, month: string, cut: Cut) =>
  queryOptions({
    queryKey: [...cohortKey(companyId), 'owed', month, cut],
    queryFn: async () => {
      const params = { path: { company_id: Number(companyId) }, query: { month, ...cut } };
      return (await http.GET('/api/v1/companies/{company_id}/owed', { params })).data!;
    },
  });

const SEEN = 200;

/** The companies of which somebody sees anything: for most who work at one, that one. */
export const seenCompanies = queryOptions({
  queryKey: ['companies', 'seen'],
  queryFn: async () =>
    (await http.GET('/api/v1/companies', { params: { query: { limit: SEEN } } })).data!.items,
});
