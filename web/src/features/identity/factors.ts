import { queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import type { NextStep } from '@/api/session';

/** What an unfinished sign-in waits for. */
export const secondStepQuery = queryOptions({
  queryKey: ['second-step'],
  queryFn: async () => (await http.GET('/api/v1/auth/second-step')).data!,
  staleTime: 0,
  retry: false,
});

export const showTotp = async (code: string): Promise<NextStep | undefined> =>
  (await http.POST('/api/v1/auth/second-step/totp', { body: { code } })).data;

export const showRecoveryCode = async (code: string): Promise<NextStep | undefined> =>
  (await http.POST('/api/v1/auth/second-step/recovery-code', { body: { code } })).data;

export interface Enrolment {
  secret: string;
  /** What a QR code holds. */
  address: string;
}

export const beginEnrolment = async (): Promise<Enrolment> =>
  (await http.POST('/api/v1/auth/second-step/enrol')).data!;

export const finishEnrolment = async (code: string): Promise<string[]> =>
  (await http.POST('/api/v1/auth/second-step/enrol/confirm', { body: { code } })).data!.recovery_codes;

export const factorsQuery = queryOptions({
  queryKey: ['account', 'factors'],
  queryFn: async () => (await http.GET('/api/v1/auth/factors')).data!,
});

/** The password once more, where the account has one. */
const again = (password: string) => ({ password: password || undefined });

export const beginTotp = async (password: string): Promise<Enrolment> =>
  (await http.POST('/api/v1/auth/totp', { body: again(password) })).data!;

export const confirmTotp = async (code: string): Promise<string[]> =>
  (await http.POST('/api/v1/auth/totp/confirm', { body: { code } })).data!.recovery_codes;

export const removeTotp = async (password: string): Promise<void> => {
  await http.POST('/api/v1/auth/totp/remove', { body: again(password) });
};

export const renewRecoveryCodes = async (code: string): Promise<string[]> =>
  (await http.POST('/api/v1/auth/recovery-codes', { body: { code } })).data!.recovery_codes;
