import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useAbilities } from '@/api/abilities';
import type { Fund } from '@/api/types';
import { EntryForm, FormDrawer, FormStack, type FormValues, notify, Select } from '@/ui';
import { entryKinds, recordEntry } from './entries';

interface Props {
  fund: Fund;
  opened: boolean;
  onClose: () => void;
}

/** Records one entry of any kind in a fund's ledger. */
export function NewEntry({ fund, opened, onClose }: Props) {
  const may = useAbilities();
  const all = useMemo(() => entryKinds(fund), [fund]);
  const kinds = all.filter(({ needs }) => may(needs));
  const [chosen, setChosen] = useState<string | null>(null);
  const kind = kinds.find(({ id }) => id === chosen) ?? kinds[0] ?? all[0]!;
  const cache = useQueryClient();
  const record = useMutation({
    mutationFn: (values: FormValues) => recordEntry(kind, values),
    onSuccess: async () => {
      // An entry may change any figure on any page.
      await cache.invalidateQueries();
      notify('Recorded', `${kind.label} in ${fund.name}`);
      onClose();
    },
  });
  const choose = (id: string | null) => {
    record.reset();
    setChosen(id);
  };
  return (
    <FormDrawer opened={opened} onClose={onClose} title="Record an entry" sub={fund.name}>
      <FormStack>
        <Select
          label="What happened"
          data={kinds.map(({ id, label }) => ({ value: id, label }))}
          value={kind.id}
          onChange={choose}
          disabled={record.isPending}
          description={kind.hint}
        />
        <EntryForm
          key={kind.id}
          fields={kind.fields}
          currency={fund.currency}
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
