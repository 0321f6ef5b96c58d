import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { MonthlyRound } from '@/api/types';
import { today } from '@/lib/dates';
import { formatDate } from '@/lib/format';
import { EntryForm, FormStack, Note, notify } from '@/ui';
import { cohortKey } from '../queries';
import { takeStep } from './queries';
import { DO, EFFECTS, fieldsOf, type Step } from './words';

interface Props {
  companyId: string;
  round: MonthlyRound;
  step: Step;
  onDone: () => void;
  onCancel: () => void;
}

/** Takes one step of a round, after saying what it does. */
export function StepForm({ companyId, round, step, onDone, onCancel }: Props) {
  const cache = useQueryClient();
  const action = useMutation({
    mutationFn: (values: Record<string, string>) => takeStep(companyId, round, step, values),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: cohortKey(companyId) });
      notify('Recorded', `${DO[step]}, ${formatDate(round.month, 'month')}`);
      onDone();
    },
  });
  return (
    <FormStack>
      <Note>{EFFECTS[step]}</Note>
      <EntryForm
        fields={fieldsOf(step, round, today())}
        currency={round.currency}
        submitLabel={DO[step]}
        onSubmit={(values) => action.mutate(values)}
        onCancel={onCancel}
        pending={action.isPending}
        error={action.error}
      />
    </FormStack>
  );
}
