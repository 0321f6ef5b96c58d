import { queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import type { NextStep } from '@/api/session';
import { makePasskey, showPasskey } from '@/lib/passkeys';

export const passkeysQuery = queryOptions({
  queryKey: ['account', 'passkeys'],
  queryFn: async () => (await http.GET('/api/v1/auth/passkeys')).data!,
});

interface NewPasskey {
  name: string;
  password: string;
}

/** Makes a passkey on this device and has it kept. */
export async function addPasskey({ name, password }: NewPasskey): Promise<void> {
  const body = { password: password || undefined };
  const { options } = (await http.POST('/api/v1/auth/passkey-options', { body })).data!;
  const credential = await makePasskey(options);
  await http.POST('/api/v1/auth/passkeys', { body: { name, credential } });
}

export async function renamePasskey({ id, name }: { id: number; name: string }): Promise<void> {
  await http.PUT('/api/v1/auth/passkeys/{passkey_id}', {
    params: { path: { passkey_id: id } },
    body: { name },
  });
}

interface Removal {
  id: number;
  password: string;
}

export async function removePasskey({ id, password }: Removal): Promise<void> {
  await http.POST('/api/v1/auth/passkeys/{passkey_id}/remove', {
    params: { path: { passkey_id: id } },
    body: { password: password || undefined },
  });
}

/** Signs in by a passkey alone: it is both factors in one. */
export async function signInByPasskey(): Promise<NextStep | undefined> {
  const { options } = (await http.POST('/api/v1/auth/passkey/options')).data!;
  const credential = await showPasskey(options);
  return (await http.POST('/api/v1/auth/passkey', { body: { credential } })).data;
}

/** Finishes a sign-in by a passkey, after the password. */
export async function finishByPasskey(): Promise<NextStep | undefined> {
  const { options } = (await http.POST('/api/v1/auth/second-step/passkey/options')).data!;
  const credential = await showPasskey(options);
  return (await http.POST('/api/v1/auth/second-step/passkey', { body: { credential } })).data;
}
