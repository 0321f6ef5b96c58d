import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Actions, Button, Card, CardHead, FormError, Note, Select } from '@/ui';
import classes from './imports.module.css';
import { type ImportBatch, setMapping } from './queries';

/** Which column of the file is which field; begins with what the server suggests. */
export function Mapping({ batch }: { batch: ImportBatch }) {
  const cache = useQueryClient();
  const [mapping, setLocal] = useState(batch.mapping);
  const save = useMutation({
    mutationFn: () => setMapping(String(batch.id), mapping),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['imports', String(batch.id)] }),
  });
  const map = (field: string, column: string | null) => {
    const others = Object.fromEntries(Object.entries(mapping).filter(([name]) => name !== field));
    setLocal(column ? { ...others, [field]: column } : others);
  };
  const changed = JSON.stringify(mapping) !== JSON.stringify(batch.mapping);
  return (
    <Card>
      <CardHead title="Columns" sub="Which column of the file is which field" />
      <div className={classes.body}>
        {batch.same_as !== null && (
          <Note>
            This file was imported before, as import {batch.same_as}. Its rows will show as duplicates.
          </Note>
        )}
        <div className={classes.map}>
          {batch.fields.map((field) => (
            <Select
              key={field.name}
              label={field.label}
              withAsterisk={field.required}
              placeholder="Not in the file"
              clearable
              searchable
              data={batch.columns}
              value={mapping[field.name] ?? null}
              onChange={(column) => map(field.name, column)}
            />
          ))}
        </div>
        <FormError error={save.error} />
        {changed && (
          <Actions>
            <Button onClick={() => save.mutate()} loading={save.isPending}>
              Use these columns
            </Button>
          </Actions>
        )}
      </div>
    </Card>
  );
}
