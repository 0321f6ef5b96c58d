import { queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import type { Cut } from '@/api/performance';
import type { Projection, Scenario } from '@/api/types';
import { scenarioOf } from '../assumptions';
import { cohortKey } from '../queries';

/** What months to come go by, and how far. */
export interface Assumed {
  by: string;
  /** In percent a month. */
  churn: number;
  horizon: number;
}

const path = (companyId: string) => ({ company_id: Number(companyId) });

/** One of a model, a scenario and a churn, as the API wants it. */
export function assumedBody({ by, churn, horizon }: Assumed): Record<string, unknown> {
  const scenario = scenarioOf(by);
  if (scenario !== undefined) return { scenario, horizon };
  return by === 'churn' ? { churn: String(churn / 100), horizon } : { model: 'best', horizon };
}

/** What was paid and what may come, under an assumption; an older question is given up when the slider moves on. */
export const projectionQuery = (companyId: string, cut: Cut, assumed: Assumed) => {
  const body = assumedBody(assumed);
  return queryOptions({
    queryKey: [...cohortKey(companyId), 'projection', cut, body],
    queryFn: async ({ signal }): Promise<Projection> => {
      const asked = { params: { path: path(companyId), query: cut }, body: body as never, signal };
      return (await http.POST('/api/v1/companies/{company_id}/cashflows/predicted', asked)).data!;
    },
  });
};

/** Every month of every cohort, what was paid and what may come, as the text of a CSV file. */
export async function projectionCsv(companyId: string, cut: Cut, assumed: Assumed): Promise<string> {
  const { data } = await http.POST('/api/v1/companies/{company_id}/cashflows/predicted', {
    params: { path: path(companyId), query: { ...cut, format: 'csv' } },
    body: assumedBody(assumed) as never,
    parseAs: 'text',
  });
  return data as unknown as string;
}

/** What will be paid, with a band; and how each model foretold the newest months without seeing them. */
export const forecastQuery = (companyId: string, cut: Cut, horizon: number) =>
  queryOptions({
    queryKey: [...cohortKey(companyId), 'forecast', cut, horizon],
    queryFn: async () => {
      const params = { path: path(companyId), query: { ...cut, horizon } };
      return (await http.GET('/api/v1/companies/{company_id}/cashflows/forecast', { params })).data!;
    },
  });

/** Which cohorts behave alike. */
export const groupsQuery = (companyId: string, cut: Cut) =>
  queryOptions({
    queryKey: [...cohortKey(companyId), 'groups', cut],
    queryFn: async () => {
      const params = { path: path(companyId), query: cut };
      return (await http.GET('/api/v1/companies/{company_id}/cashflows/groups', { params })).data!;
    },
  });

/** Every recorded scenario beside the others. */
export const comparisonQuery = (companyId: string, cut: Cut, horizon: number) =>
  queryOptions({
    queryKey: [...cohortKey(companyId), 'scenarios', 'compared', cut, horizon],
    queryFn: async () => {
      const params = { path: path(companyId), query: { ...cut, horizon } };
      return (await http.GET('/api/v1/companies/{company_id}/cashflows/scenarios', { params })).data!;
    },
  });

export interface ScenarioBody {
  name: string;
  m0: string;
  churn: string;
}

/** Saved under its name: anew, or over the version that was there. */
export async function saveScenario(
  companyId: string,
  seen: Scenario | undefined,
  body: ScenarioBody,
): Promise<void> {
  if (seen === undefined) {
    await http.POST('/api/v1/companies/{company_id}/scenarios', { params: { path: path(companyId) }, body });
    return;
  }
  await http.PUT('/api/v1/companies/{company_id}/scenarios/{scenario_id}', {
    params: { path: { ...path(companyId), scenario_id: seen.id } },
    headers: { 'If-Match': `"${seen.version}"` },
    body,
  });
}

/** What was recorded of a scenario at one time. */
export type ScenarioVersion = Scenario & {
  recorded_by: number | null;
  voided_at: string | null;
  void_reason: string | null;
};

export const scenarioVersionsQuery = (companyId: string, id: number) =>
  queryOptions({
    queryKey: [...cohortKey(companyId), 'scenarios', id, 'versions'],
    queryFn: async () => {
      const params = { path: { ...path(companyId), scenario_id: id } };
      const at = '/api/v1/companies/{company_id}/scenarios/{scenario_id}/versions';
      return (await http.GET(at, { params })).data as unknown as ScenarioVersion[];
    },
  });

export const voidScenario = async (companyId: string, id: number, reason: string): Promise<void> => {
  const params = { path: { ...path(companyId), scenario_id: id } };
  await http.POST('/api/v1/companies/{company_id}/scenarios/{scenario_id}/void', {
    params,
    body: { reason },
  });
};
