import { http } from '@/api/client';
import type { LedgerRow } from '@/api/types';
import type { FormValues } from '@/ui';
import type { EntryKind } from './entries';

export async function recordEntry(kind: EntryKind, values: FormValues): Promise<void> {
  // Each kind's body is made for its own path; the server checks it.
  await http.POST(kind.path, { body: kind.body(values) as never });
}

interface Voiding {
  reason: string;
}

const VOID: Record<string, (id: number, body: Voiding) => Promise<unknown>> = {
  commitments: (id, body) =>
    http.POST('/api/v1/commitments/{commitment_id}/void', { params: { path: { commitment_id: id } }, body }),
  'capital-calls': (id, body) =>
    http.POST('/api/v1/capital-calls/{call_id}/void', { params: { path: { call_id: id } }, body }),
  distributions: (id, body) =>
    http.POST('/api/v1/distributions/{distribution_id}/void', {
      params: { path: { distribution_id: id } },
      body,
    }),
  'vehicle-entries': (id, body) =>
    http.POST('/api/v1/vehicle-entries/{entry_id}/void', { params: { path: { entry_id: id } }, body }),
  transactions: (id, body) =>
    http.POST('/api/v1/transactions/{transaction_id}/void', {
      params: { path: { transaction_id: id } },
      body,
    }),
  marks: (id, body) => http.POST('/api/v1/marks/{mark_id}/void', { params: { path: { mark_id: id } }, body }),
  'reported-navs': (id, body) =>
    http.POST('/api/v1/reported-navs/{nav_id}/void', { params: { path: { nav_id: id } }, body }),
};

export async function voidEntry({ record, id }: LedgerRow, reason: string): Promise<void> {
  const send = VOID[record];
  if (!send) throw new Error(`Entries of ${record} cannot be voided here.`);
  await send(id, { reason });
}

/** The holdings of a fund whose company or name contains the text. */
export const searchHoldings = (fundId: number) => async (text: string) => {
  const { data } = await http.GET('/api/v1/performance/holdings', { params: { query: { fund_id: fundId } } });
  const term = text.trim().toLowerCase();
  return data!.items
    .map((row) => ({ value: String(row.holding_id), label: `${row.company}, ${row.name}` }))
    .filter((option) => option.label.toLowerCase().includes(term));
};
