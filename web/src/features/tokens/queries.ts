import { queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import type { RoleName } from '@/api/types';

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: async () => (await http.GET('/api/v1/tokens')).data!,
});

interface NewToken {
  name: string;
  role: RoleName;
  /** Days until it expires; null never. */
  days: number | null;
  grants: { scope_kind: 'firm' | 'fund' | 'vehicle' | 'company' | 'investor'; scope_id: number | null }[];
}

/** Makes a token; its secret is in this answer and nowhere else. */
export async function createToken(body: NewToken) {
  return (await http.POST('/api/v1/tokens', { body })).data!;
}

export async function revokeToken(token_id: number): Promise<void> {
  await http.DELETE('/api/v1/tokens/{token_id}', { params: { path: { token_id } } });
}
