import { ApiError, http } from './client';
import type { components } from './schema';

const LOOK_AGAIN_MS = 700;

type Job = components['schemas']['JobOut'];

/** How far a job is; null where it does not tell. */
export type Progress = Job['progress'];

/** Wait until a job has done its work, told how far it is; what came of it. Throws what stopped it. */
export async function jobEnds(
  job_id: number,
  stopped: string,
  onProgress?: (progress: Progress) => void,
): Promise<Job> {
  for (;;) {
    const { data } = await http.GET('/api/v1/jobs/{job_id}', { params: { path: { job_id } } });
    if (data?.state === 'done') return data;
    if (!data || data.state === 'failed' || data.state === 'cancelled')
      throw new ApiError(409, { detail: data?.error ?? stopped, code: data?.error_code ?? undefined });
    onProgress?.(data.progress);
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}
