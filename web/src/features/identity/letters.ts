import { queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import type { NextStep } from '@/api/session';

export const invitationQuery = (token: string) =>
  queryOptions({
    queryKey: ['invitation', token],
    queryFn: async () => (await http.POST('/api/v1/auth/invitation', { body: { token } })).data!,
    retry: false,
  });

interface Acceptance {
  token: string;
  name: string;
  password: string;
}

export const acceptInvitation = async (body: Acceptance): Promise<NextStep | undefined> =>
  (await http.POST('/api/v1/auth/invitation/accept', { body })).data;

export const askForReset = async (email: string): Promise<void> => {
  await http.POST('/api/v1/auth/password-reset', { body: { email } });
};

export const setNewPassword = async (body: { token: string; password: string }): Promise<void> => {
  await http.POST('/api/v1/auth/new-password', { body });
};
