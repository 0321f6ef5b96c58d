import { queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import { everyRow } from '@/api/lists';
import type { MonthlyRound, MonthlyRoundRow } from '@/api/types';
import type { FormValues } from '@/ui';
import { cohortKey } from '../queries';
import type { Step } from './words';

const path = (companyId: string) => ({ company_id: Number(companyId) });

export const roundsQuery = (companyId: string) =>
  queryOptions({
    queryKey: [...cohortKey(companyId), 'rounds'],
    queryFn: () =>
      everyRow<MonthlyRoundRow>(async (query) => {
        const params = { path: path(companyId), query };
        return (await http.GET('/api/v1/companies/{company_id}/monthly-rounds', { params })).data!;
      }),
  });

export const roundQuery = (companyId: string, id: number) =>
  queryOptions({
    queryKey: [...cohortKey(companyId), 'rounds', id],
    queryFn: async () => {
      const params = { path: { ...path(companyId), monthly_round_id: id } };
      const found = await http.GET('/api/v1/companies/{company_id}/monthly-rounds/{monthly_round_id}', {
        params,
      });
      return found.data!;
    },
  });

export async function planRound(companyId: string, month: string, spend: string): Promise<MonthlyRound> {
  const body = { month, planned_spend: spend };
  const params = { path: path(companyId) };
  return (await http.POST('/api/v1/companies/{company_id}/monthly-rounds', { params, body })).data!;
}

/** Takes a step from the version of the round that was seen. */
export async function takeStep(
  companyId: string,
  { id, version }: Pick<MonthlyRound, 'id' | 'version'>,
  step: Step,
  values: FormValues,
): Promise<void> {
  const params = {
    path: { ...path(companyId), monthly_round_id: id },
    header: { 'if-match': `"${version}"` },
  };
  const at = '/api/v1/companies/{company_id}/monthly-rounds/{monthly_round_id}' as const;
  const reason = values.reason ?? '';
  const paid = { paid_on: values.paid_on ?? '', ...(values.amount ? { amount: values.amount } : {}) };
  switch (step) {
    case 'plan':
      await http.PUT(at, { params, body: { planned_spend: values.planned_spend ?? '' } });
      return;
    case 'approve':
      await http.POST(`${at}/approve`, { params });
      return;
    case 'decline':
      await http.POST(`${at}/decline`, { params, body: { reason } });
      return;
    case 'fund':
      await http.POST(`${at}/fund`, { params, body: paid });
      return;
    case 'report':
      await http.POST(`${at}/report`, { params, body: { spend: values.spend ?? '' } });
      return;
    case 'issue':
      await http.POST(`${at}/issue`, { params });
      return;
    case 'settle':
      await http.POST(`${at}/settle`, { params, body: { ...paid, amount: values.amount ?? '' } });
      return;
    case 'step_back':
      await http.POST(`${at}/step-back`, { params, body: { reason } });
      return;
    case 'void':
      await http.POST(`${at}/void`, { params: { path: params.path }, body: { reason } });
  }
}

export async function voidTransfer(companyId: string, id: number, reason: string): Promise<void> {
  const params = { path: { ...path(companyId), transfer_id: id } };
  await http.POST('/api/v1/companies/{company_id}/round-transfers/{transfer_id}/void', {
    params,
    body: { reason },
  });
}

/** Where the statement of a month lies as a file. */
export const statementHref = (
  companyId: string,
  id: number,
  side: 'fund' | 'company',
  form: 'pdf' | 'xlsx',
): string => `/api/v1/companies/${companyId}/monthly-rounds/${id}/statement?side=${side}&format=${form}`;
