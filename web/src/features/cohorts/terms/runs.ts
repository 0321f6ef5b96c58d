import { http } from '@/api/client';
import type { Cut } from '@/api/performance';
import type { Simulated, Solved, Stressed } from '@/api/types';
import { type Aims, SHOCKS, solveBody, termsBody } from './aims';

/** Terms tried on a cohort: many drawn futures of it, and the expected one under shocks. */
export interface Tried {
  simulated: Simulated;
  stressed: Stressed;
}

const params = (companyId: string) => ({ path: { company_id: Number(companyId) } });

export async function solve(companyId: string, aims: Aims, cut: Cut): Promise<Solved> {
  const body = solveBody(aims, cut) as never;
  const asked = { params: params(companyId), body };
  return (await http.POST('/api/v1/companies/{company_id}/trades/solve', asked)).data!;
}

export async function tryTerms(companyId: string, aims: Aims, cut: Cut): Promise<Tried> {
  const body = termsBody(aims, cut);
  const [simulated, stressed] = await Promise.all([
    http.POST('/api/v1/companies/{company_id}/trades/simulate', {
      params: params(companyId),
      body: body as never,
    }),
    http.POST('/api/v1/companies/{company_id}/trades/stress', {
      params: params(companyId),
      body: { ...body, shocks: SHOCKS } as never,
    }),
  ]);
  return { simulated: simulated.data!, stressed: stressed.data! };
}
