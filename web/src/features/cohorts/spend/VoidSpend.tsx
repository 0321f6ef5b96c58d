import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Spend } from '@/api/types';
import { formatDate } from '@/lib/format';
import { EntryForm, type FieldSpec, FormDrawer, FormStack, Note, notify } from '@/ui';
import { cohortKey } from '../queries';
import { voidSpend } from './queries';

const FIELDS: FieldSpec[] = [
  { name: 'reason', label: 'Reason', kind: 'prose', required: true, description: 'Kept with the spend' },
];

/** Takes the spend of a month back. */
export function VoidSpend({
  companyId,
  spend,
  onClose,
}: {
  companyId: string;
  spend: Spend;
  onClose: () => void;
}) {
  const cache = useQueryClient();
  const name = formatDate(spend.cohort_month, 'month');
  const action = useMutation({
    mutationFn: (reason: string) => voidSpend(companyId, spend.id, reason),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: cohortKey(companyId) });
      notify('Voided', `Spend of ${name}`);
      onClose();
    },
  });
  return (
    <FormDrawer opened onClose={onClose} title={`Void the spend of ${name}`}>
      <FormStack>
        <Note>
          It leaves every figure from now on: a cohort without spend has no share of it and no minimum.
          Figures as known before today keep it.
        </Note>
        <EntryForm
          fields={FIELDS}
          currency=""
          submitLabel="Void"
          onSubmit={(values) => action.mutate(values.reason ?? '')}
          onCancel={onClose}
          pending={action.isPending}
          error={action.error}
        />
      </FormStack>
    </FormDrawer>
  );
}
