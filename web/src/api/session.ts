import { queryOptions } from '@tanstack/react-query';
import { http } from './client';
import type { components } from './schema';
import type { Me } from './types';

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async (): Promise<Me> => (await http.GET('/api/v1/auth/me')).data!,
  staleTime: 5 * 60_000,
  retry: false,
});

/** What is asked for before the session opens; nothing where it is open. */
export type NextStep = components['schemas']['NextStep'];

export const signIn = async (body: { email: string; password: string }): Promise<NextStep | undefined> =>
  (await http.POST('/api/v1/auth/sign-in', { body })).data;

export const signInByLink = async (token: string): Promise<NextStep | undefined> =>
  (await http.POST('/api/v1/auth/sign-in-link', { body: { token } })).data;

export const signOut = async (): Promise<void> => {
  await http.POST('/api/v1/auth/sign-out');
};
