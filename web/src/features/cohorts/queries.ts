import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import { cursorPaging, PAGE_SIZE } from '@/api/lists';
import type { Cut } from '@/api/performance';

/** Everything that changes with a company's payments, spend, terms or thresholds. */
export const cohortKey = (companyId: string) => ['companies', companyId, 'cohorts'] as const;

const path = (companyId: string) => ({ company_id: Number(companyId) });

export const cashflowsQuery = (companyId: string, cut: Cut) =>
  queryOptions({
    queryKey: [...cohortKey(companyId), 'cashflows', cut],
    queryFn: async () => {
      const params = { path: path(companyId), query: cut };
      return (await http.GET('/api/v1/companies/{company_id}/cashflows', { params })).data!;
    },
  });

/** The months to come too; `churn` in percent a month. */
export const predictedQuery = (companyId: string, cut: Cut, churn: number) =>
  queryOptions({
    queryKey: [...cohortKey(companyId), 'predicted', cut, churn],
    queryFn: async ({ signal }) => {
      const body = { churn: String(churn / 100) } as never;
      const params = { path: path(companyId), query: cut };
      const asked = { params, body, signal };
      return (await http.POST('/api/v1/companies/{company_id}/cashflows/predicted', asked)).data!;
    },
  });

export const thresholdsQuery = (companyId: string) =>
  queryOptions({
    queryKey: [...cohortKey(companyId), 'thresholds'],
    queryFn: async () => {
      const params = { path: path(companyId), query: { limit: 1000 } };
      return (await http.GET('/api/v1/companies/{company_id}/thresholds', { params })).data!.items;
    },
  });

/** The payments behind one cell. */
export const paymentsList = (companyId: string, cohortMonth: string, period: number, cut: Cut) =>
  infiniteQueryOptions({
    queryKey: [...cohortKey(companyId), 'payments', cohortMonth, period, cut],
    queryFn: async ({ pageParam }) => {
      const seen = { until: cut.as_of, known_at: cut.known_at };
      const query = { ...seen, cohort_month: cohortMonth, period, limit: PAGE_SIZE, cursor: pageParam };
      const params = { path: path(companyId), query };
      return (await http.GET('/api/v1/companies/{company_id}/payments', { params })).data!;
    },
    ...cursorPaging,
  });
