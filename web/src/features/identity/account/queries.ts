import { queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';

export const sessionsQuery = queryOptions({
  queryKey: ['account', 'sessions'],
  queryFn: async () => (await http.GET('/api/v1/auth/sessions')).data!,
  staleTime: 0,
});

export async function endSession(session_id: number): Promise<void> {
  await http.DELETE('/api/v1/auth/sessions/{session_id}', { params: { path: { session_id } } });
}

export async function endOtherSessions(): Promise<void> {
  await http.DELETE('/api/v1/auth/sessions');
}

export async function changePassword(body: { current?: string; new: string }): Promise<void> {
  await http.PUT('/api/v1/auth/password', { body });
}

export const programsQuery = queryOptions({
  queryKey: ['account', 'programs'],
  queryFn: async () => (await http.GET('/api/v1/auth/programs')).data!,
});

/** Lets a program work for me; its tokens are in this answer only. */
export async function createProgram(name: string) {
  return (await http.POST('/api/v1/auth/programs', { body: { name } })).data!;
}

export async function endProgram(program_id: number): Promise<void> {
  await http.DELETE('/api/v1/auth/programs/{program_id}', { params: { path: { program_id } } });
}
