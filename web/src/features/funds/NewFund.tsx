import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { http } from '@/api/client';
import { humanise } from '@/lib/format';
import { EntryForm, type FieldSpec, FormDrawer, type FormValues, notify, toBody } from '@/ui';

const STRATEGIES = [
  'venture',
  'growth',
  'buyout',
  'credit',
  'real_assets',
  'fund_of_funds',
  'cohort',
  'other',
];

const FIELDS: FieldSpec[] = [
  { name: 'name', label: 'Name', kind: 'text', required: true },
  {
    name: 'currency',
    label: 'Currency',
    kind: 'text',
    required: true,
    initial: 'USD',
    description: 'Of all its books; three letters',
  },
  {
    name: 'strategy',
    label: 'Strategy',
    kind: 'choice',
    required: true,
    initial: 'venture',
    options: STRATEGIES.map((value) => ({ value, label: humanise(value) })),
  },
  { name: 'vintage_year', label: 'Vintage', kind: 'number', description: 'The year of the first closing' },
  { name: 'target_size', label: 'Target size', kind: 'money' },
  { name: 'started_on', label: 'Started on', kind: 'date' },
  { name: 'description', label: 'Description', kind: 'prose' },
];

export default function NewFund({ onClose }: { onClose: () => void }) {
  const cache = useQueryClient();
  const navigate = useNavigate();
  const add = useMutation({
    mutationFn: async (values: FormValues) => {
      const body = toBody(FIELDS, values);
      const year = body.vintage_year ? { vintage_year: Number(body.vintage_year) } : {};
      return (await http.POST('/api/v1/funds', { body: { ...body, ...year } as never })).data!;
    },
    onSuccess: async (fund) => {
      await cache.invalidateQueries();
      notify('Added', fund.name);
      onClose();
      await navigate({ to: '/funds/$fundId', params: { fundId: String(fund.id) } });
    },
  });
  return (
    <FormDrawer opened onClose={onClose} title="Add a fund">
      <EntryForm
        fields={FIELDS}
        currency=""
        submitLabel="Add"
        onSubmit={(values) => add.mutate(values)}
        onCancel={onClose}
        pending={add.isPending}
        error={add.error}
      />
    </FormDrawer>
  );
}
