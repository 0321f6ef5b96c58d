import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { http } from '@/api/client';
import { EntryForm, type FieldSpec, FormDrawer, type FormValues, notify, toBody } from '@/ui';

const FIELDS: FieldSpec[] = [
  { name: 'name', label: 'Name', kind: 'text', required: true },
  {
    name: 'currency',
    label: 'Currency',
    kind: 'text',
    required: true,
    description: 'Three letters, such as USD',
  },
  { name: 'sector', label: 'Sector', kind: 'text' },
  { name: 'industry', label: 'Industry', kind: 'text' },
  { name: 'country', label: 'Country', kind: 'text' },
  { name: 'website', label: 'Website', kind: 'text' },
  { name: 'description', label: 'Description', kind: 'prose' },
];

export function NewCompany({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const cache = useQueryClient();
  const navigate = useNavigate();
  const add = useMutation({
    mutationFn: async (values: FormValues) => {
      const { data } = await http.POST('/api/v1/companies', { body: toBody(FIELDS, values) as never });
      return data!;
    },
    onSuccess: async (company) => {
      await cache.invalidateQueries({ queryKey: ['companies'] });
      notify('Added', company.name);
      onClose();
      await navigate({ to: '/companies/$companyId', params: { companyId: String(company.id) } });
    },
  });
  return (
    <FormDrawer opened={opened} onClose={onClose} title="Add a company">
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
