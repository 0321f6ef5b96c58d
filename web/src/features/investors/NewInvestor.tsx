import { useMutation, useQueryClient } from '@tanstack/react-query';
import { http } from '@/api/client';
import { EntryForm, type FieldSpec, FormDrawer, type FormValues, notify, toBody } from '@/ui';
import { kindText } from './kinds';

const FIELDS: FieldSpec[] = [
  { name: 'name', label: 'Name', kind: 'text', required: true },
  {
    name: 'kind',
    label: 'Kind',
    kind: 'choice',
    required: true,
    initial: 'lp',
    options: ['lp', 'gp', 'client'].map((value) => ({ value, label: kindText(value) })),
  },
  { name: 'country', label: 'Country', kind: 'text' },
  { name: 'email', label: 'E-mail', kind: 'text' },
];

export function NewInvestor({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const cache = useQueryClient();
  const add = useMutation({
    mutationFn: async (values: FormValues) =>
      (await http.POST('/api/v1/investors', { body: toBody(FIELDS, values) as never })).data!,
    onSuccess: async (investor) => {
      await cache.invalidateQueries({ queryKey: ['investors'] });
      notify('Added', investor.name);
      onClose();
    },
  });
  return (
    <FormDrawer opened={opened} onClose={onClose} title="Add an investor">
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
