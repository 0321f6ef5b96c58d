import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import { cursorPaging, PAGE_SIZE } from '@/api/lists';
import type { Approval } from '@/api/types';

export interface ApprovalsQuery {
  state?: Approval['state'];
  kind?: Approval['kind'];
}

export const approvalsList = (query: ApprovalsQuery) =>
  infiniteQueryOptions({
    queryKey: ['approvals', 'list', query],
    queryFn: async ({ pageParam }) => {
      const params = { query: { ...query, limit: PAGE_SIZE, cursor: pageParam } };
      return (await http.GET('/api/v1/approvals', { params })).data!;
    },
    ...cursorPaging,
    staleTime: 0,
  });

/** One request with every row it would change. */
export const approvalQuery = (request_id: number) =>
  queryOptions({
    queryKey: ['approvals', request_id],
    queryFn: async () =>
      (await http.GET('/api/v1/approvals/{request_id}', { params: { path: { request_id } } })).data!,
    staleTime: 0,
  });

export async function approve(request_id: number): Promise<void> {
  await http.POST('/api/v1/approvals/{request_id}/approve', { params: { path: { request_id } } });
}

export async function refuse(request_id: number, reason: string): Promise<void> {
  const params = { path: { request_id } };
  await http.POST('/api/v1/approvals/{request_id}/refuse', { params, body: { reason } });
}

export async function withdraw(request_id: number): Promise<void> {
  await http.POST('/api/v1/approvals/{request_id}/withdraw', { params: { path: { request_id } } });
}
