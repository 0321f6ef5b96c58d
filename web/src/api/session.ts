import { queryOptions } from '@tanstack/react-query';
import { http } from './client';
import type { Me } from './types';

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async (): Promise<Me> => (await http.GET('/api/v1/auth/me')).data!,
  staleTime: 5 * 60_000,
  retry: false,
});

export const signIn = async (body: { email: string; password: string }): Promise<void> => {
  await http.POST('/api/v1/auth/sign-in', { body });
};

export const signInByLink = async (token: string): Promise<void> => {
  await http.POST('/api/v1/auth/sign-in-link', { body: { token } });
};

export const signOut = async (): Promise<void> => {
  await http.POST('/api/v1/auth/sign-out');
};
