import { queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import type { LedgerRow } from '@/api/ledger';
import type { Fund, Page } from '@/api/types';
import type { EntryKind } from './entries';
import type { FormValues } from '@/ui';

/** The funds a ledger can be opened for, by name. */
export const fundChoices = queryOptions({
  queryKey: ['funds', 'choices'],
  queryFn: async () => {
    const { data } = await http.GET('/api/v1/funds', { params: { query: { limit: 1000, sort: 'name' } } });
    return (data as Page<Fund>).items;
  },
});

export async function recordEntry(kind: EntryKind, values: FormValues): Promise<void> {
  await http.POST(kind.path, { body: kind.body(values) });
}

export async function voidEntry({ record, id }: LedgerRow, reason: string): Promise<void> {
  await http.POST(`/api/v1/${record}/{id}/void`, { params: { path: { id } }, body: { reason } });
}
