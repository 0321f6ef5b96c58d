import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import {
  Actions,
  Button,
  ConfirmButton,
  FormError,
  Held,
  notify,
  Pair,
  Select,
  Textarea,
  TextInput,
} from '@/ui';
import { type Definition, definitionsQuery } from '../queries';
import { MovedFigures } from './MovedFigures';
import { type DefinitionBody, previewMoves, saveDefinition, withdrawDefinition } from './queries';
import { bodyOf, EMPTY, keyOf, KINDS, SIGNS, UNITS, type Values, valuesOf } from './words';

interface Props {
  known: Definition | null;
  onDone: () => void;
}

const choices = (words: Record<string, string>) =>
  Object.entries(words).map(([value, label]) => ({ value, label }));

/** A metric of the firm's own; what it would move is shown before it is stored. */
export function DefinitionForm({ known, onDone }: Props) {
  const cache = useQueryClient();
  const definitions = useQuery(definitionsQuery).data ?? [];
  const [values, setValues] = useState<Values>(known ? valuesOf(known) : EMPTY);
  const body = bodyOf(values, known);
  const look = useMutation({ mutationFn: (asked: DefinitionBody) => previewMoves(asked) });
  const stored = async (said: string) => {
    notify(said, body.label);
    await cache.invalidateQueries({ queryKey: ['metrics'] });
    await cache.invalidateQueries({ queryKey: ['reporting'] });
    onDone();
  };
  const save = useMutation({
    mutationFn: () => saveDefinition(known, body),
    onSuccess: () => stored('Saved'),
  });
  const withdraw = useMutation({
    mutationFn: () => withdrawDefinition(known!.id!, 'Taken back on the page Metrics'),
    onSuccess: () => stored('Taken back'),
  });
  const set = (change: Partial<Values>) => {
    look.reset();
    setValues({ ...values, ...change });
  };
  const ready = body.label !== '' && body.key !== '' && (body.kind !== 'derived' || body.formula !== null);
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Held pending={save.isPending || withdraw.isPending} stacked>
        <TextInput
          label="Name"
          required
          maxLength={200}
          value={values.label}
          onChange={(event) => set({ label: event.currentTarget.value })}
        />
        <TextInput
          label="Key"
          description={
            known ? 'It stays: values and formulas name it' : 'By which formulas, files and programs name it'
          }
          placeholder={keyOf(values.label) || 'gross_merchandise_value'}
          maxLength={64}
          readOnly={known !== null}
          value={values.key}
          onChange={(event) => set({ key: event.currentTarget.value })}
        />
        <Pair>
          <Select
            label="Kind"
            allowDeselect={false}
            data={choices(KINDS)}
            value={values.kind}
            onChange={(value) => set({ kind: value as Values['kind'] })}
          />
          <Select
            label="Unit"
            allowDeselect={false}
            data={choices(UNITS)}
            value={values.unit}
            onChange={(value) => set({ unit: value as Values['unit'] })}
          />
        </Pair>
        <Select
          label="Sign"
          description="Positive: a negative figure is found and asked about"
          allowDeselect={false}
          data={choices(SIGNS)}
          value={values.sign}
          onChange={(value) => set({ sign: value as Values['sign'] })}
        />
        {values.kind === 'derived' && (
          <Textarea
            label="Formula"
            description="Of keys, with + - * / and previous(), year_ago(), ltm(), mean(), if_positive()"
            placeholder="revenue / gross_merchandise_value"
            required
            autosize
            minRows={2}
            maxLength={1000}
            value={values.formula}
            onChange={(event) => set({ formula: event.currentTarget.value })}
          />
        )}
        <Textarea
          label="Description"
          description="What companies read beside the field when they are asked for it"
          autosize
          minRows={2}
          maxLength={2000}
          value={values.description}
          onChange={(event) => set({ description: event.currentTarget.value })}
        />
        <FormError error={save.error ?? look.error ?? withdraw.error} />
        <Actions>
          {known && (
            <ConfirmButton
              effect="Only a definition that no value and no formula needs can be taken back."
              onConfirm={() => withdraw.mutate()}
            >
              Take back
            </ConfirmButton>
          )}
          <Button
            variant="default"
            loading={look.isPending}
            disabled={!ready}
            onClick={() => look.mutate(body)}
          >
            What would move
          </Button>
          <Button type="submit" loading={save.isPending} disabled={!ready}>
            Save
          </Button>
        </Actions>
        {look.data && <MovedFigures moves={look.data} own={body} definitions={definitions} />}
      </Held>
    </form>
  );
}
