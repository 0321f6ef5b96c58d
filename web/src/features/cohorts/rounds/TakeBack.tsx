import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { RoundTransfer } from '@/api/types';
import { formatDate } from '@/lib/format';
import { EntryForm, type FieldSpec, FormStack, Note, notify } from '@/ui';
import { cohortKey } from '../queries';
import { voidTransfer } from './queries';

const FIELDS: FieldSpec[] = [
  { name: 'reason', label: 'Reason', kind: 'prose', required: true, description: 'Kept with the transfer' },
];

interface Props {
  companyId: string;
  transfer: RoundTransfer;
  onClose: () => void;
}

/** Takes a transfer back that was recorded by mistake. */
export function TakeBack({ companyId, transfer, onClose }: Props) {
  const cache = useQueryClient();
  const action = useMutation({
    mutationFn: (reason: string) => voidTransfer(companyId, transfer.id, reason),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: cohortKey(companyId) });
      notify('Taken back', `Transfer of ${formatDate(transfer.paid_on)}`);
      onClose();
    },
  });
  return (
    <FormStack>
      <Note>The transfer of {formatDate(transfer.paid_on)} counts no longer; what is open follows.</Note>
      <EntryForm
        fields={FIELDS}
        currency=""
        submitLabel="Take back"
        onSubmit={(values) => action.mutate(values.reason ?? '')}
        onCancel={onClose}
        pending={action.isPending}
        error={action.error}
      />
    </FormStack>
  );
}
