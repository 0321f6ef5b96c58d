import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useAbilities } from '@/api/abilities';
import type { Company } from '@/api/types';
import { EntryForm, FormDrawer, FormStack, type FormValues, notify, Select, toBody } from '@/ui';
import { COHORT_FACTS, recordFact } from './facts';
import { cohortKey } from './queries';

interface Props {
  companyId: string;
  company: Company | undefined;
  onClose: () => void;
}

/** Records one spend, payment, trade or minimum of a company. */
export function NewCohortFact({ companyId, company, onClose }: Props) {
  const may = useAbilities();
  const kinds = COHORT_FACTS.filter(({ needs }) => may(needs));
  const [chosen, setChosen] = useState<string | null>(null);
  const kind = kinds.find(({ id }) => id === chosen) ?? kinds[0]!;
  const cache = useQueryClient();
  const record = useMutation({
    mutationFn: (values: FormValues) => recordFact(companyId, kind, toBody(kind.fields, values)),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: cohortKey(companyId) });
      notify('Recorded', `${kind.label}${company ? ` of ${company.name}` : ''}`);
      onClose();
    },
  });
  const choose = (id: string | null) => {
    record.reset();
    setChosen(id);
  };
  return (
    <FormDrawer opened onClose={onClose} title="Record" sub={company?.name}>
      <FormStack>
        <Select
          label="What"
          data={kinds.map(({ id, label }) => ({ value: id, label }))}
          value={kind.id}
          onChange={choose}
          description={kind.hint}
        />
        <EntryForm
          key={kind.id}
          fields={kind.fields}
          currency={company?.currency ?? ''}
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
