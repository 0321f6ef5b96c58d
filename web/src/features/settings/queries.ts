import { queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import type { Approval, Directory, DirectoryForm, Rules } from '@/api/types';

export const approvalRulesQuery = queryOptions({
  queryKey: ['approval-rules'],
  queryFn: async () => (await http.GET('/api/v1/approval-rules')).data!,
});

/** Has a kind of change wait for a second person, or no longer, which itself waits for one. */
export async function setApprovalRule(rule_kind: Approval['kind'], required: boolean): Promise<void> {
  const params = { path: { rule_kind } };
  await http.PUT('/api/v1/approval-rules/{rule_kind}', { params, body: { required } });
}

export const rulesQuery = queryOptions({
  queryKey: ['sign-in-rules'],
  queryFn: async () => (await http.GET('/api/v1/sign-in-rules')).data!,
});

/** The currencies as they then are, unless somebody else changed them since they were read (412). */
export async function setReportingCurrencies(currencies: string[]) {
  return (await http.PUT('/api/v1/reporting/settings', { body: { currencies } })).data!;
}

/** The rules are set as a whole: what is not sent would fall back to its default. */
export async function setRules(rules: Rules): Promise<void> {
  await http.PUT('/api/v1/sign-in-rules', { body: rules });
}

export const directoriesQuery = queryOptions({
  queryKey: ['identity-providers'],
  queryFn: async () => (await http.GET('/api/v1/identity-providers')).data!,
});

/** A new directory, or the correction of one, unless somebody else corrected it since it was read (412). */
export async function saveDirectory(known: Directory | null, body: DirectoryForm): Promise<Directory> {
  if (known === null) return (await http.POST('/api/v1/identity-providers', { body })).data!;
  const params = { path: { provider_id: known.id }, header: { 'if-match': `"${known.version}"` } };
  return (await http.PUT('/api/v1/identity-providers/{provider_id}', { params, body })).data!;
}

export async function archiveDirectory(provider_id: number): Promise<void> {
  await http.DELETE('/api/v1/identity-providers/{provider_id}', { params: { path: { provider_id } } });
}

/** Has the directory asked for its description, as at a sign-in: the host people would be sent to. */
export async function tryDirectory(provider_id: number): Promise<string> {
  const params = { path: { provider_id } };
  const { data } = await http.POST('/api/v1/auth/oidc/{provider_id}/begin', {
    params,
    body: { link: false },
  });
  return new URL(data!.authorization_url).host;
}
