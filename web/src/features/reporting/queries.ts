import { queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import type { components } from '@/api/schema';

type Schemas = components['schemas'];
export type Financials = Schemas['FinancialsOut'];
export type Line = Schemas['StatementLineOut'];
export type Cell = Schemas['CellOut'];
export type Period = Schemas['PeriodOut'];
export type PeriodKind = Period['period_kind'];
export type Scenario = Schemas['FinancialsOut']['scenario'];
export type Unit = Line['unit'];
export type Status = Schemas['ValueIn']['status'];
export type Finding = Schemas['FindingOut'];
export type Reported = Schemas['ReportedOut'];
export type ValueIn = Schemas['ValueIn'];
export type FigureKey = Schemas['FigureKey'];

export interface Asked {
  period: PeriodKind;
  scenario: Scenario;
  currency?: string;
  known_at?: string;
  empty?: boolean;
  explain?: boolean;
}

/** Everything that hangs on a company's figures: what a change makes old. */
export const figuresKey = (companyId: string) => ['figures', companyId];

const path = (companyId: string) => ({ company_id: Number(companyId) });

export const financialsQuery = (companyId: string, query: Asked) =>
  queryOptions({
    queryKey: [...figuresKey(companyId), 'financials', query],
    queryFn: async () => {
      const params = { path: path(companyId), query };
      return (await http.GET('/api/v1/companies/{company_id}/financials', { params })).data as Financials;
    },
  });

export const findingsQuery = (companyId: string, scenario: Scenario) =>
  queryOptions({
    queryKey: [...figuresKey(companyId), 'findings', scenario],
    queryFn: async () => {
      const params = { path: path(companyId), query: { scenario } };
      return (await http.GET('/api/v1/companies/{company_id}/metrics/findings', { params })).data!.items;
    },
  });

/** Where the server writes the findings of one length of period as a file. */
export function findingsHref(companyId: string, scenario: Scenario, period_kind: PeriodKind): string {
  const query = new URLSearchParams({ scenario, period_kind, format: 'csv' });
  return `/api/v1/companies/${companyId}/metrics/findings?${query}`;
}

/** One figure: which metric, of which period, how shown. */
export interface FigureAsked {
  metric: string;
  period: string;
  scenario: Scenario;
  currency?: string;
  known_at?: string;
}

/** The figure with its formula, inputs and rates; null where there is none. */
export const figureQuery = (companyId: string, query: FigureAsked) =>
  queryOptions({
    queryKey: [...figuresKey(companyId), 'figure', query],
    queryFn: async () => {
      const asked = { ...query, metric: [query.metric], layout: 'long' as const, explain: true };
      const params = { path: path(companyId), query: asked };
      const { data } = await http.GET('/api/v1/companies/{company_id}/metrics', { params });
      return data!.values?.[0] ?? null;
    },
  });

export const reportsQuery = (companyId: string, { metric, period, scenario }: FigureAsked) =>
  queryOptions({
    queryKey: [...figuresKey(companyId), 'reports', metric, period, scenario],
    queryFn: async () => {
      const params = { path: path(companyId), query: { metric, period, scenario } };
      return (await http.GET('/api/v1/companies/{company_id}/metrics/reports', { params })).data!.items;
    },
  });

/** Records values and takes others back; either may be empty. */
export async function changeFigures(companyId: string, values: ValueIn[], gone: FigureKey[]): Promise<void> {
  const params = { path: path(companyId) };
  if (values.length > 0)
    await http.PUT('/api/v1/companies/{company_id}/metrics', { params, body: { values } });
  if (gone.length > 0)
    await http.POST('/api/v1/companies/{company_id}/metrics/take-back', {
      params,
      body: { figures: gone, reason: 'Taken back on the page Financials' },
    });
}

/** Figures as they were seen: what somebody changed meanwhile is refused. */
export async function approveFigures(
  companyId: string,
  values: { id: number; version: number }[],
): Promise<void> {
  const params = { path: path(companyId) };
  await http.POST('/api/v1/companies/{company_id}/metrics/approve', { params, body: { values } });
}

/** Where the server writes the same figures as a file. */
export function fileHref(
  companyId: string,
  view: 'financials' | 'kpis',
  asked: Asked,
  format: string,
): string {
  const given = Object.entries({ ...asked, format }).filter(([, value]) => value !== undefined);
  const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  return `/api/v1/companies/${companyId}/${view}?${query}`;
}

export type Matrix = Schemas['MetricMatrixOut'];
export type MatrixCompany = Schemas['MetricMatrixCompany'];
export type MatrixCell = Schemas['MetricMatrixCell'];
export type MatrixMetric = Schemas['MetricMatrixMetric'];
export type Definition = Schemas['DefinitionOut'];

export interface MatrixAsked {
  /** A kind of period, or one. */
  period: string;
  fund?: number;
  currency?: string;
  metric?: string[];
  known_at?: string;
}

export const matrixQuery = (query: MatrixAsked) =>
  queryOptions({
    queryKey: ['reporting', 'matrix', query],
    queryFn: async () => (await http.GET('/api/v1/reporting/matrix', { params: { query } })).data as Matrix,
  });

export function matrixHref({ metric = [], ...asked }: MatrixAsked, format: string): string {
  const given = Object.entries({ ...asked, format }).filter(([, value]) => value !== undefined);
  const named = metric.map((one) => ['metric', one]);
  const query = new URLSearchParams([...given.map(([name, value]) => [name, String(value)]), ...named]);
  return `/api/v1/reporting/matrix?${query}`;
}

export const definitionsQuery = queryOptions({
  queryKey: ['metrics', 'definitions'],
  queryFn: async () => (await http.GET('/api/v1/metrics/definitions', {})).data!.items,
  staleTime: 5 * 60_000,
});

/** What the firm's own rules say of companies' figures now: company and metric → the alert's sentence. */
export const figureAlertsQuery = queryOptions({
  queryKey: ['alerts', 'figures'],
  queryFn: async () => {
    const query = { state: 'open' as const, kind: 'metric' as const, limit: 1000 };
    const { data } = await http.GET('/api/v1/alerts', { params: { query } });
    return new Map(
      data!.items.map((one) => [`${one.company_id}@${String(one.figures['metric'])}`, one.says]),
    );
  },
});

export type Kpis = Schemas['KpisOut'];

export const kpisQuery = (companyId: string, query: Asked) =>
  queryOptions({
    queryKey: [...figuresKey(companyId), 'kpis', query],
    queryFn: async () => {
      const params = { path: path(companyId), query };
      return (await http.GET('/api/v1/companies/{company_id}/kpis', { params })).data as Kpis;
    },
  });

export type Comparison = Schemas['SideBySideOut'];

export interface CompareAsked {
  metric: string;
  period: PeriodKind;
  company?: number[];
  currency?: string;
  by?: 'company' | 'sector';
  known_at?: string;
}

export const compareQuery = (query: CompareAsked) =>
  queryOptions({
    queryKey: ['reporting', 'compare', query],
    queryFn: async () => (await http.GET('/api/v1/reporting/comparison', { params: { query } })).data!,
  });
