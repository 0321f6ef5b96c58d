import { queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import { everyRow } from '@/api/lists';
import type { Cut } from '@/api/performance';
import type { Override, Threshold } from '@/api/types';
import { cohortKey } from '../queries';

const path = (companyId: string) => ({ company_id: Number(companyId) });

/** The months that missed their minimum, and what is collected with the minimums and overrides and without. */
export const breachesQuery = (companyId: string, cut: Cut) =>
  queryOptions({
    queryKey: [...cohortKey(companyId), 'breaches', cut],
    queryFn: async () => {
      const params = { path: path(companyId), query: cut };
      return (await http.GET('/api/v1/companies/{company_id}/threshold-breaches', { params })).data!;
    },
  });

export const overridesQuery = (companyId: string) =>
  queryOptions({
    queryKey: [...cohortKey(companyId), 'overrides'],
    queryFn: () =>
      everyRow<Override>(async (query) => {
        const params = { path: path(companyId), query };
        return (await http.GET('/api/v1/companies/{company_id}/threshold-overrides', { params })).data!;
      }),
  });

/** Records the minimum of every period from one to another; gives the number of them. */
export async function recordMinimums(
  companyId: string,
  from: number,
  to: number,
  minimum: string,
): Promise<number> {
  for (let period = from; period <= to; period++) {
    const body = { payment_period_month: period, minimum_payment_percent: minimum };
    await http.POST('/api/v1/companies/{company_id}/thresholds', { params: { path: path(companyId) }, body });
  }
  return to - from + 1;
}

export async function correctMinimum(companyId: string, seen: Threshold, minimum: string): Promise<void> {
  const params = {
    path: { ...path(companyId), threshold_id: seen.id },
    header: { 'if-match': `"${seen.version}"` },
  };
  const body = { payment_period_month: seen.payment_period_month, minimum_payment_percent: minimum };
  await http.PUT('/api/v1/companies/{company_id}/thresholds/{threshold_id}', { params, body });
}

export async function voidMinimum(companyId: string, id: number, reason: string): Promise<void> {
  const params = { path: { ...path(companyId), threshold_id: id } };
  const body = { reason };
  await http.POST('/api/v1/companies/{company_id}/thresholds/{threshold_id}/void', { params, body });
}

/** Which month of which cohort. */
export interface CellOf {
  cohort_month: string;
  period: number;
}

interface WhyAside {
  reason: string;
  approved_by: string;
}

export async function setAside(companyId: string, cell: CellOf, why: WhyAside): Promise<void> {
  const body = { cohort_month: cell.cohort_month, payment_period_month: cell.period, ...why };
  const params = { path: path(companyId) };
  await http.POST('/api/v1/companies/{company_id}/threshold-overrides', { params, body });
}

export async function correctOverride(companyId: string, seen: Override, why: WhyAside): Promise<void> {
  const params = {
    path: { ...path(companyId), override_id: seen.id },
    header: { 'if-match': `"${seen.version}"` },
  };
  const { cohort_month, payment_period_month } = seen;
  const body = { cohort_month, payment_period_month, ...why };
  await http.PUT('/api/v1/companies/{company_id}/threshold-overrides/{override_id}', { params, body });
}

export async function voidOverride(companyId: string, id: number, reason: string): Promise<void> {
  const params = { path: { ...path(companyId), override_id: id } };
  const body = { reason };
  await http.POST('/api/v1/companies/{company_id}/threshold-overrides/{override_id}/void', { params, body });
}
