import { useMutation, useQueryClient } from '@tanstack/react-query';
import { monthAfter, today } from '@/lib/dates';
import { formatDate } from '@/lib/format';
import { EntryForm, type FieldSpec, FormDrawer, FormStack, Note, notify } from '@/ui';
import { cohortKey } from '../queries';
import { planRound } from './queries';

const BACK = 36;
const AHEAD = 3;

interface Props {
  companyId: string;
  currency: string;
  /** Months that have a round already. */
  taken: string[];
  onClose: () => void;
}

/** Opens a month with what the company plans to spend. */
export function PlanForm({ companyId, currency, taken, onClose }: Props) {
  const cache = useQueryClient();
  const months = Array.from({ length: BACK + AHEAD }, (_, at) => monthAfter(today(), AHEAD - at)).filter(
    (month) => !taken.includes(month),
  );
  const fields: FieldSpec[] = [
    {
      name: 'month',
      label: 'Month',
      kind: 'choice',
      required: true,
      options: months.map((value) => ({ value, label: formatDate(value, 'month') })),
      initial: months.find((month) => month <= monthAfter(today(), 0)) ?? '',
    },
    {
      name: 'planned_spend',
      label: 'Planned spend',
      kind: 'money',
      required: true,
      description: '0 where no new cohort is funded and older ones are settled alone',
    },
  ];
  const plan = useMutation({
    mutationFn: (month: Record<string, string>) =>
      planRound(companyId, month.month ?? '', month.planned_spend ?? ''),
    onSuccess: async ({ month }) => {
      await cache.invalidateQueries({ queryKey: cohortKey(companyId) });
      notify('Planned', formatDate(month, 'month'));
      onClose();
    },
  });
  return (
    <FormDrawer opened onClose={onClose} title="Plan a month">
      <FormStack>
        <Note>
          What will be spent to win the customers of the month. The fund pays its share once it approves.
        </Note>
        <EntryForm
          fields={fields}
          currency={currency}
          submitLabel="Plan"
          onSubmit={(values) => plan.mutate(values)}
          onCancel={onClose}
          pending={plan.isPending}
          error={plan.error}
        />
      </FormStack>
    </FormDrawer>
  );
}
