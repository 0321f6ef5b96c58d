import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Override, Threshold } from '@/api/types';
import { formatDate } from '@/lib/format';
import { EntryForm, type FieldSpec, FormDrawer, FormStack, Note, notify } from '@/ui';
import { cohortKey } from '../queries';
import { voidMinimum, voidOverride } from './queries';

const FIELDS: FieldSpec[] = [
  { name: 'reason', label: 'Reason', kind: 'prose', required: true, description: 'Kept with what is voided' },
];

interface Props {
  companyId: string;
  what: { minimum: Threshold } | { override: Override };
  onClose: () => void;
}

/** Takes a minimum or an override back. */
export function VoidFact({ companyId, what, onClose }: Props) {
  const cache = useQueryClient();
  const action = useMutation({
    mutationFn: (reason: string) =>
      'minimum' in what
        ? voidMinimum(companyId, what.minimum.id, reason)
        : voidOverride(companyId, what.override.id, reason),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: cohortKey(companyId) });
      notify('Voided', 'minimum' in what ? 'Minimum' : 'Override');
      onClose();
    },
  });
  return (
    <FormDrawer
      opened
      onClose={onClose}
      title={'minimum' in what ? 'Void the minimum' : 'Void the override'}
      sub={
        'minimum' in what
          ? `Month ${what.minimum.payment_period_month}`
          : `${formatDate(what.override.cohort_month, 'month')}, month ${what.override.payment_period_month}`
      }
    >
      <FormStack>
        <Note>
          {'minimum' in what
            ? 'No cohort has a minimum in this month any more.'
            : 'Where the month was below its minimum, all of it is collected again.'}{' '}
          Figures as known before today stay as they were.
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
