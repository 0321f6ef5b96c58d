import { useMutation, useQueryClient } from '@tanstack/react-query';
import { EntryForm, type FieldSpec, FormDrawer, type FormValues, notify, toBody } from '@/ui';
import { recordRate } from './queries';

const fields = (from: string, to: string): FieldSpec[] => [
  {
    name: 'kind',
    label: 'Kind',
    kind: 'choice',
    initial: 'manual',
    options: [
      { value: 'manual', label: 'Manual: the rate of a day' },
      { value: 'contractual', label: 'Contractual: agreed for a time' },
    ],
  },
  { name: 'base', label: 'From', kind: 'text', required: true, initial: from, description: 'Three letters' },
  { name: 'quote', label: 'To', kind: 'text', required: true, initial: to, description: 'Three letters' },
  {
    name: 'rate',
    label: 'Rate',
    kind: 'number',
    required: true,
    description: 'Units of the second currency for one of the first',
  },
  { name: 'starts_on', label: 'Day, or first day', kind: 'date', required: true },
  { name: 'ends_on', label: 'Last day of a contractual rate', kind: 'date' },
  { name: 'source', label: 'Source', kind: 'text', description: 'A bank, a contract' },
  { name: 'memo', label: 'Memo', kind: 'prose' },
];

/** Records a rate of the firm's own; it is used instead of the published one from now on. */
export function NewRate({ from, to, onClose }: { from: string; to: string; onClose: () => void }) {
  const specs = fields(from, to);
  const cache = useQueryClient();
  const record = useMutation({
    mutationFn: (values: FormValues) => recordRate(toBody(specs, values) as never),
    onSuccess: async (_, values) => {
      await cache.invalidateQueries();
      notify('Recorded', `${values.base}/${values.quote} ${values.rate}`);
      onClose();
    },
  });
  return (
    <FormDrawer opened onClose={onClose} title="Record a rate">
      <EntryForm
        fields={specs}
        currency=""
        submitLabel="Record"
        onSubmit={(values) => record.mutate(values)}
        onCancel={onClose}
        pending={record.isPending}
        error={record.error}
      />
    </FormDrawer>
  );
}
