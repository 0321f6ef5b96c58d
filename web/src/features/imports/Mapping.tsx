import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Import, ImportOptions } from '@/api/types';
import { Actions, Button, Card, CardHead, FormError, Note, Select } from '@/ui';
import { FileOptions } from './FileOptions';
import classes from './imports.module.css';
import { setMapping } from './queries';

/** Which column of the file is which field, and how it is written; begins with what the server suggests. */
export function Mapping({ batch }: { batch: Import }) {
  const cache = useQueryClient();
  const [mapping, setLocal] = useState(batch.mapping);
  const [options, setOptions] = useState(batch.options as ImportOptions);
  const save = useMutation({
    mutationFn: () => setMapping(batch.id, mapping, options),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['imports', String(batch.id)] }),
  });
  const map = (field: string, column: string | null) => {
    const others = Object.fromEntries(Object.entries(mapping).filter(([name]) => name !== field));
    setLocal(column ? { ...others, [field]: column } : others);
  };
  const changed = JSON.stringify([mapping, options]) !== JSON.stringify([batch.mapping, batch.options]);
  return (
    <Card>
      <CardHead title="Columns" sub="Which column of the file is which field, and how it is written" />
      <div className={classes.body}>
        {batch.same_as !== null && (
          <Note>
            This file was imported before, as import {batch.same_as}. Rows that are recorded already stay out.
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
        <FileOptions kind={batch.kind} value={options} onChange={setOptions} />
        <FormError error={save.error} />
        {changed && (
          <Actions>
            <Button onClick={() => save.mutate()} loading={save.isPending}>
              Use these settings
            </Button>
          </Actions>
        )}
      </div>
    </Card>
  );
}
