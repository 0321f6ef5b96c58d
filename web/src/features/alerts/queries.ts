import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import { cursorPaging, PAGE_SIZE } from '@/api/lists';
import type { components } from '@/api/schema';

type Schemas = components['schemas'];
export type Alert = Schemas['AlertOut'];
export type Rule = Schemas['AlertRuleOut'];
export type RuleBody = Schemas['AlertRuleIn'];
export type BackTest = Schemas['AlertRulePreviewOut'];
export type Settings = Schemas['AlertSettingsOut'];
export type Definition = Schemas['DefinitionOut'];

export type Kind =
  'cohort_breach' | 'cohort_drift' | 'cohort_payments_missing' | 'cohort_round_overdue' | 'metric';

export interface AlertsQuery {
  state?: Alert['state'];
  kind?: Kind;
  company_id?: number;
}

export const alertsList = (query: AlertsQuery) =>
  infiniteQueryOptions({
    queryKey: ['alerts', 'list', query],
    queryFn: async ({ pageParam }) => {
      const params = { query: { ...query, sort: 'severity', limit: PAGE_SIZE, cursor: pageParam } };
      return (await http.GET('/api/v1/alerts', { params })).data!;
    },
    ...cursorPaging,
    staleTime: 0,
  });

/** Where the server writes all of these alerts as a file, in the order of the page. */
export function alertsHref(query: AlertsQuery): string {
  const given = Object.entries({ ...query, sort: 'severity', format: 'csv' });
  const asked = given.filter(([, value]) => value !== undefined);
  return `/api/v1/alerts?${new URLSearchParams(asked.map(([name, value]) => [name, String(value)]))}`;
}

/** One alert, and every state it was in. */
export const alertQuery = (alert_id: number) =>
  queryOptions({
    queryKey: ['alerts', alert_id],
    queryFn: async () => {
      const params = { path: { alert_id } };
      const [alert, versions] = await Promise.all([
        http.GET('/api/v1/alerts/{alert_id}', { params }),
        http.GET('/api/v1/alerts/{alert_id}/versions', { params }),
      ]);
      return { alert: alert.data!, versions: versions.data as unknown as AlertVersion[] };
    },
    staleTime: 0,
  });

export interface AlertVersion {
  version: number;
  recorded_at: string;
  state: Alert['state'];
  says: string;
  note: string | null;
  decided_by: number | null;
}

export async function acknowledge(alert_id: number): Promise<void> {
  await http.POST('/api/v1/alerts/{alert_id}/acknowledge', {
    params: { path: { alert_id } },
    body: {},
  });
}

export async function close(alert_id: number, note: string): Promise<void> {
  await http.POST('/api/v1/alerts/{alert_id}/close', { params: { path: { alert_id } }, body: { note } });
}

export const rulesQuery = queryOptions({
  queryKey: ['alerts', 'rules'],
  queryFn: async () => (await http.GET('/api/v1/alerts/rules', { params: { query: { limit: 1000 } } })).data!,
});

export const definitionsQuery = queryOptions({
  queryKey: ['metrics', 'definitions'],
  queryFn: async () => (await http.GET('/api/v1/metrics/definitions')).data!.items,
  staleTime: 5 * 60_000,
});

export async function backTest(body: RuleBody): Promise<BackTest> {
  return (await http.POST('/api/v1/alerts/rules/preview', { body })).data!;
}

export async function saveRule(known: Rule | null, body: RuleBody): Promise<void> {
  if (known === null) await http.POST('/api/v1/alerts/rules', { body });
  else
    await http.PUT('/api/v1/alerts/rules/{rule_id}', {
      params: { path: { rule_id: known.id }, header: { 'if-match': `"${known.version}"` } },
      body,
    });
}

export async function voidRule(rule_id: number): Promise<void> {
  await http.POST('/api/v1/alerts/rules/{rule_id}/void', {
    params: { path: { rule_id } },
    body: { reason: 'Taken back on the page Alerts' },
  });
}

export const settingsQuery = queryOptions({
  queryKey: ['alerts', 'settings'],
  queryFn: async () => (await http.GET('/api/v1/alerts/settings')).data!,
});

export async function saveSettings(body: components['schemas']['AlertSettingsIn']): Promise<void> {
  await http.PUT('/api/v1/alerts/settings', { body });
}
