import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Scenario } from '@/api/types';
import { EntryForm, type FieldSpec, FormDrawer, FormStack, type FormValues, Note, notify } from '@/ui';
import { cohortKey } from '../queries';
import { saveScenario } from './queries';

interface Props {
  companyId: string;
  scenarios: readonly Scenario[];
  /** What the form begins with. */
  draft: { name?: string; m0?: string; churn?: string };
  onSaved: (name: string) => void;
  onClose: () => void;
}

/** Keeps an assumption under a name, so that it can be chosen again and compared. */
export function SaveScenario({ companyId, scenarios, draft, onSaved, onClose }: Props) {
  const cache = useQueryClient();
  const [fields] = useState<FieldSpec[]>(() => [
    {
      name: 'name',
      label: 'Name',
      kind: 'text',
      required: true,
      initial: draft.name,
      description: 'One that is there already is replaced; what it was stays in its history',
    },
    {
      name: 'churn',
      label: 'Monthly churn',
      kind: 'percent',
      required: true,
      initial: draft.churn,
      description: 'Lost each month',
    },
    {
      name: 'm0',
      label: 'First month',
      kind: 'percent',
      required: true,
      initial: draft.m0,
      description: 'First payments ÷ spend, of a cohort that paid nothing yet',
    },
  ]);
  const save = useMutation({
    mutationFn: async ({ name = '', m0 = '', churn = '' }: FormValues) => {
      const seen = scenarios.find((one) => one.name === name.trim());
      await saveScenario(companyId, seen, { name: name.trim(), m0, churn });
      return name.trim();
    },
    onSuccess: async (name) => {
      await cache.invalidateQueries({ queryKey: cohortKey(companyId) });
      notify('Saved', name);
      onClose();
      onSaved(name);
    },
  });
  return (
    <FormDrawer opened onClose={onClose} title="Save as a scenario">
      <FormStack>
        <Note>A scenario is an assumption about months to come; it changes no figure of what was paid.</Note>
        <EntryForm
          fields={fields}
          currency=""
          submitLabel="Save"
          onSubmit={(values) => save.mutate(values)}
          onCancel={onClose}
          pending={save.isPending}
          error={save.error}
        />
      </FormStack>
    </FormDrawer>
  );
}
