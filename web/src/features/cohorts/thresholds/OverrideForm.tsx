import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Override } from '@/api/types';
import { formatDate } from '@/lib/format';
import { EntryForm, type FieldSpec, FormDrawer, FormStack, type FormValues, Note, notify } from '@/ui';
import { cohortKey } from '../queries';
import { type CellOf, correctOverride, setAside } from './queries';

interface Props {
  companyId: string;
  cell: CellOf;
  /** The override that is changed; null for a new one. */
  seen: Override | null;
  onClose: () => void;
}

/** Sets a breach aside, with why and who approved it. */
export function OverrideForm({ companyId, cell, seen, onClose }: Props) {
  const cache = useQueryClient();
  const fields: FieldSpec[] = [
    { name: 'reason', label: 'Reason', kind: 'prose', required: true, initial: seen?.reason },
    {
      name: 'approved_by',
      label: 'Approved by',
      kind: 'text',
      required: true,
      initial: seen?.approved_by,
      description: 'A person or a body, such as the investment committee',
    },
  ];
  const save = useMutation({
    mutationFn: ({ reason = '', approved_by = '' }: FormValues) =>
      seen
        ? correctOverride(companyId, seen, { reason, approved_by })
        : setAside(companyId, cell, { reason, approved_by }),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: cohortKey(companyId) });
      notify(seen ? 'Changed' : 'Set aside', name);
      onClose();
    },
  });
  const name = `${formatDate(cell.cohort_month, 'month')}, month ${cell.period}`;
  return (
    <FormDrawer
      opened
      onClose={onClose}
      title={seen ? 'Change the override' : 'Set the breach aside'}
      sub={name}
    >
      <FormStack>
        <Note>The normal share applies to this month of the cohort; that it was missed stays shown.</Note>
        <EntryForm
          fields={fields}
          currency=""
          submitLabel={seen ? 'Change' : 'Set aside'}
          onSubmit={(values) => save.mutate(values)}
          onCancel={onClose}
          pending={save.isPending}
          error={save.error}
        />
      </FormStack>
    </FormDrawer>
  );
}
