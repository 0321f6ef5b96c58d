import { infiniteQueryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import { cursorPaging, PAGE_SIZE } from '@/api/lists';
import type { AuditRow } from '@/api/types';

export interface AuditQuery {
  record?: string;
  person?: number;
  action?: AuditRow['action'];
  since?: string;
  until?: string;
  sort?: string;
}

export async function fetchAudit(query: AuditQuery & { limit?: number; cursor?: string }) {
  return (await http.GET('/api/v1/audit', { params: { query } })).data!;
}

export const auditList = (query: AuditQuery) =>
  infiniteQueryOptions({
    queryKey: ['audit', query],
    queryFn: ({ pageParam }) => fetchAudit({ ...query, limit: PAGE_SIZE, cursor: pageParam }),
    ...cursorPaging,
    staleTime: 0,
  });

/** Where the filtered trail can be fetched as a file. */
export function auditHref(query: AuditQuery): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || name === 'sort' ? [] : [[name, String(value)]],
  );
  const text = new URLSearchParams(given).toString();
  return `/api/v1/audit.csv${text ? `?${text}` : ''}`;
}
