import { infiniteQueryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import { cursorPaging, PAGE_SIZE } from '@/api/lists';
import type { Job } from '@/api/types';

const OPEN: Job['state'][] = ['waiting', 'queued', 'running'];
const EVERY_MS = 3000;

export interface JobsQuery {
  sort?: string;
  q?: string;
  state?: Job['state'];
}

export async function fetchJobs(query: JobsQuery & { limit?: number; cursor?: string }) {
  return (await http.GET('/api/v1/jobs', { params: { query } })).data!;
}

/** The jobs, asked for again while any of those shown is under way. */
export const jobsList = (query: JobsQuery) =>
  infiniteQueryOptions({
    queryKey: ['jobs', query],
    queryFn: ({ pageParam }) => fetchJobs({ ...query, limit: PAGE_SIZE, cursor: pageParam }),
    ...cursorPaging,
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) => page.items.some(isOpen)) ? EVERY_MS : false,
  });

export const isOpen = (job: Job): boolean => OPEN.includes(job.state);

export async function retryJob(job_id: number): Promise<void> {
  await http.POST('/api/v1/jobs/{job_id}/retry', { params: { path: { job_id } } });
}

export async function cancelJob(job_id: number): Promise<void> {
  await http.POST('/api/v1/jobs/{job_id}/cancel', { params: { path: { job_id } } });
}
