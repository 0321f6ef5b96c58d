import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FactRef } from '@/lib/facts';
import { EntryForm, type FieldSpec, FormStack, Note, notify } from '@/ui';
import { voidFact } from './queries';

const FIELDS: FieldSpec[] = [
  { name: 'reason', label: 'Reason', kind: 'prose', required: true, description: 'Kept with the entry' },
];

interface Props {
  fact: FactRef;
  name: string;
  onDone: () => void;
}

/** Takes a fact out of every figure from now on; what was known before stays known. */
export function VoidFact({ fact, name, onDone }: Props) {
  const cache = useQueryClient();
  const action = useMutation({
    mutationFn: (reason: string) => voidFact(fact, reason),
    onSuccess: async () => {
      await cache.invalidateQueries();
      notify('Voided', name);
      onDone();
    },
  });
  return (
    <FormStack>
      <Note>It leaves every figure from now on; figures as known before today keep it.</Note>
      <EntryForm
        fields={FIELDS}
        currency=""
        submitLabel="Void"
        onSubmit={(values) => action.mutate(values.reason ?? '')}
        onCancel={onDone}
        pending={action.isPending}
        error={action.error}
      />
    </FormStack>
  );
}
