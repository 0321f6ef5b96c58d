import { queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import type { components } from '@/api/schema';
import type { Person, RoleName } from '@/api/types';
import type { ScopeKind } from '@/lib/access';

export const peopleQuery = queryOptions({
  queryKey: ['people'],
  queryFn: async () => (await http.GET('/api/v1/users')).data!,
});

export interface Scope {
  scope_kind: ScopeKind;
  scope_id: number | null;
}

export async function changePerson(person: Person, name: string, role: RoleName): Promise<void> {
  const params = { path: { user_id: person.id }, header: { 'if-match': `"${person.version}"` } };
  await http.PUT('/api/v1/users/{user_id}', { params, body: { name, role } });
}

export async function setActive(id: number, active: boolean): Promise<void> {
  const params = { path: { user_id: id } };
  if (active) await http.POST('/api/v1/users/{user_id}/reactivate', { params });
  else await http.POST('/api/v1/users/{user_id}/deactivate', { params });
}

export async function giveGrant(user_id: number, { scope_kind, scope_id }: Scope): Promise<void> {
  await http.POST('/api/v1/grants', { body: { user_id, scope_kind, scope_id } });
}

export async function revokeGrant(grant_id: number): Promise<void> {
  await http.DELETE('/api/v1/grants/{grant_id}', { params: { path: { grant_id } } });
}

/** Why a person sees a record, or what is missing for it. */
export const accessQuery = (user_id: number, record: string) =>
  queryOptions({
    queryKey: ['people', user_id, 'access', record],
    queryFn: async () => {
      const params = { path: { user_id }, query: { record } };
      return (await http.GET('/api/v1/users/{user_id}/access', { params })).data!;
    },
    staleTime: 0,
  });

export const invitationsQuery = queryOptions({
  queryKey: ['invitations'],
  queryFn: async () => (await http.GET('/api/v1/invitations')).data!,
});

interface NewInvitation {
  email: string;
  name: string;
  role: RoleName;
  grants: Scope[];
}

/** Invites somebody by mail; the link is in this answer too, this once. */
export async function invite(body: NewInvitation) {
  // What waits for a second person is no answer but an error, see `AwaitsApproval`.
  const { data } = await http.POST('/api/v1/invitations', { body });
  return data as components['schemas']['NewInvitationOut'];
}

export async function takeInvitationBack(invitation_id: number): Promise<void> {
  await http.DELETE('/api/v1/invitations/{invitation_id}', { params: { path: { invitation_id } } });
}

export async function resetFactors(user_id: number): Promise<void> {
  await http.POST('/api/v1/users/{user_id}/reset-factors', { params: { path: { user_id } } });
}

/** Where all that is kept about a person can be fetched as a file. */
export const personalDataHref = (id: number): string => `/api/v1/users/${id}/personal-data`;

/** Replaces what names a person by a pseudonym, for good. */
export async function erasePerson(user_id: number, investors: boolean) {
  const params = { path: { user_id } };
  return (await http.POST('/api/v1/users/{user_id}/erase', { params, body: { confirm: 'erase', investors } }))
    .data!;
}
