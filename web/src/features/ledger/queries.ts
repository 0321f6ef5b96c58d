import { http } from '@/api/client';
import type { LedgerRow } from '@/api/ledger';
import type { Positions } from '@/api/types';
import type { EntryKind } from './entries';
import type { FormValues } from '@/ui';

export async function recordEntry(kind: EntryKind, values: FormValues): Promise<void> {
  await http.POST(kind.path, { body: kind.body(values) });
}

export async function voidEntry({ record, id }: LedgerRow, reason: string): Promise<void> {
  await http.POST(`/api/v1/${record}/{id}/void`, { params: { path: { id } }, body: { reason } });
}

/** The holdings of a fund whose company or name contains the text. */
export const searchHoldings = (fundId: number) => async (text: string) => {
  const { data } = await http.GET('/api/v1/positions', { params: { query: { fund_id: fundId } } });
  const term = text.trim().toLowerCase();
  return (data as Positions).items
    .map((row) => ({ value: String(row.holding_id), label: `${row.company}, ${row.name}` }))
    .filter((option) => option.label.toLowerCase().includes(term));
};
