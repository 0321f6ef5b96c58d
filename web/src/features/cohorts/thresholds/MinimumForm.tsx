import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Threshold } from '@/api/types';
import { EntryForm, type FieldSpec, FormDrawer, FormStack, type FormValues, Note, notify } from '@/ui';
import { cohortKey } from '../queries';
import { periodsOf } from './periods';
import { correctMinimum, recordMinimums } from './queries';

interface Props {
  companyId: string;
  /** The minimum that is changed; null for new ones. */
  seen: Threshold | null;
  onClose: () => void;
}

const minimum = (initial?: string): FieldSpec => ({
  name: 'minimum_payment_percent',
  label: 'Minimum',
  kind: 'percent',
  required: true,
  initial,
  description: 'Payments of the month as a share of the cohort’s spend',
});

const NEW: FieldSpec[] = [
  {
    name: 'payment_period_month',
    label: 'Month',
    kind: 'number',
    required: true,
    description: 'Months since the cohort began; 0 is the cohort month',
  },
  { name: 'through', label: 'Through month', kind: 'number', description: 'For several months at once' },
  minimum(),
];

/** Records the minimum of one month or of several, or changes one from the version that was seen. */
export function MinimumForm({ companyId, seen, onClose }: Props) {
  const cache = useQueryClient();
  const [unread, setUnread] = useState(false);
  const fields = seen ? [minimum(seen.minimum_payment_percent)] : NEW;
  const readAgain = () => cache.invalidateQueries({ queryKey: cohortKey(companyId) });
  const save = useMutation({
    mutationFn: async ({ minimum_payment_percent: share = '', ...values }: FormValues) => {
      if (seen) return correctMinimum(companyId, seen, share);
      const periods = periodsOf(values.payment_period_month ?? '', values.through ?? '')!;
      return recordMinimums(companyId, periods.from, periods.to, share).then(() => undefined);
    },
    onSuccess: async () => {
      await readAgain();
      notify(seen ? 'Changed' : 'Recorded', 'Minimum');
      onClose();
    },
    // With several, those before a refused one are recorded.
    onError: readAgain,
  });
  const submit = (values: FormValues) => {
    const readable =
      seen !== null || periodsOf(values.payment_period_month ?? '', values.through ?? '') !== null;
    setUnread(!readable);
    if (readable) save.mutate(values);
  };
  return (
    <FormDrawer
      opened
      onClose={onClose}
      title={seen ? `Minimum of month ${seen.payment_period_month}` : 'Add a minimum'}
    >
      <FormStack>
        <Note>Below it the fund collects all of that month, of every cohort; at the minimum it is met.</Note>
        <EntryForm
          fields={fields}
          currency=""
          submitLabel={seen ? 'Change' : 'Record'}
          onSubmit={submit}
          onCancel={onClose}
          pending={save.isPending}
          error={save.error}
        />
        {unread && (
          <div role="alert">
            <Note>A month is a whole number from 0 on, and the last one is not before the first.</Note>
          </div>
        )}
      </FormStack>
    </FormDrawer>
  );
}
