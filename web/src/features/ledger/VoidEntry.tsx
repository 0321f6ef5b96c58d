import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { LedgerRow } from '@/api/types';
import { formatDate, formatMoney, humanise } from '@/lib/format';
import { EntryForm, FormDrawer, FormStack, type FieldSpec, notify, Note } from '@/ui';
import { voidEntry } from './queries';

const FIELDS: FieldSpec[] = [
  { name: 'reason', label: 'Reason', kind: 'prose', required: true, description: 'Kept with the entry' },
];

/** Takes an entry out of every figure from now on; what was known before stays known. */
export function VoidEntry({ entry, onClose }: { entry: LedgerRow | null; onClose: () => void }) {
  const cache = useQueryClient();
  const action = useMutation({
    mutationFn: (reason: string) => voidEntry(entry!, reason),
    onSuccess: async () => {
      notify('Voided', entry ? `${humanise(entry.kind)} of ${formatDate(entry.on)}` : undefined);
      onClose();
      await cache.invalidateQueries();
    },
  });
  return (
    <FormDrawer opened={entry !== null} onClose={onClose} title="Void an entry">
      {entry && (
        <FormStack>
          <Note>
            {humanise(entry.kind)} of {formatDate(entry.on)},{' '}
            {formatMoney(entry.amount, { currency: entry.currency })}. It leaves every figure from now on;
            figures as known before today keep it.
          </Note>
          <EntryForm
            fields={FIELDS}
            currency={entry.currency}
            submitLabel="Void"
            onSubmit={(values) => action.mutate(values.reason ?? '')}
            onCancel={onClose}
            pending={action.isPending}
            error={action.error}
          />
        </FormStack>
      )}
    </FormDrawer>
  );
}
