import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { EntryForm, FormDrawer, FormStack, type FormValues, Note, notify, toBody } from '@/ui';
import { cohortKey } from '../queries';
import { type TermsDraft, tradeBody, tradeFields } from './fields';
import { createTrade } from './queries';

interface Props {
  companyId: string;
  currency: string;
  draft: TermsDraft;
  /** The draft was proposed by the simulator. */
  proposed?: boolean;
  onClose: () => void;
}

/** A new trade, filled with what was proposed where something was: nothing is recorded before one says so. */
export function NewTrade({ companyId, currency, draft, proposed = false, onClose }: Props) {
  const cache = useQueryClient();
  const [fields] = useState(() => tradeFields(draft, true));
  const record = useMutation({
    mutationFn: (values: FormValues) => createTrade(companyId, tradeBody(toBody(fields, values))),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: cohortKey(companyId) });
      notify('Recorded', 'Trade');
      onClose();
    },
  });
  return (
    <FormDrawer opened onClose={onClose} title="Record a trade">
      <FormStack>
        {proposed && <Note>The proposed terms are filled in. Nothing is recorded yet.</Note>}
        <EntryForm
          fields={fields}
          currency={currency}
          submitLabel="Record"
          onSubmit={(values) => record.mutate(values)}
          onCancel={onClose}
          pending={record.isPending}
          error={record.error}
        />
      </FormStack>
    </FormDrawer>
  );
}
