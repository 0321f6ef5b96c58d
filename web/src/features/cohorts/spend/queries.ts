import { queryOptions } from '@tanstack/react-query';
import { ApiError, http } from '@/api/client';
import { everyRow } from '@/api/lists';
import type { Spend } from '@/api/types';
import { parseAmount } from '@/lib/parse-number';
import { cohortKey } from '../queries';
import type { MonthRow } from './drafts';

const path = (companyId: string) => ({ company_id: Number(companyId) });

export const spendsQuery = (companyId: string) =>
  queryOptions({
    queryKey: [...cohortKey(companyId), 'spends'],
    queryFn: () =>
      everyRow<Spend>(async (query) => {
        const params = { path: path(companyId), query };
        return (await http.GET('/api/v1/companies/{company_id}/spends', { params })).data!;
      }),
  });

/** Records a month's spend, or corrects it from the version that was seen. */
async function save(companyId: string, { month, spend }: MonthRow, amount: string): Promise<void> {
  const body = { cohort_month: month, spend: amount };
  if (spend === null) {
    await http.POST('/api/v1/companies/{company_id}/spends', { params: { path: path(companyId) }, body });
    return;
  }
  const params = {
    path: { ...path(companyId), spend_id: spend.id },
    header: { 'if-match': `"${spend.version}"` },
  };
  await http.PUT('/api/v1/companies/{company_id}/spends/{spend_id}', { params, body });
}

/** Saves months one after another; gives what was refused, by month. */
export async function saveSpends(
  companyId: string,
  changes: { row: MonthRow; draft: string }[],
): Promise<Record<string, string>> {
  const refused: Record<string, string> = {};
  for (const { row, draft } of changes) {
    try {
      await save(companyId, row, parseAmount(draft)!);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      refused[row.month] =
        error instanceof ApiError && error.status === 412
          ? 'Somebody else changed it: look again'
          : error.message;
    }
  }
  return refused;
}

export async function voidSpend(companyId: string, id: number, reason: string): Promise<void> {
  const params = { path: { ...path(companyId), spend_id: id } };
  await http.POST('/api/v1/companies/{company_id}/spends/{spend_id}/void', { params, body: { reason } });
}
