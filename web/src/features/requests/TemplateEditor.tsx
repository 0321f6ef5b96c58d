import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import {
  Actions,
  Button,
  DateField,
  FormError,
  Held,
  MultiSelect,
  notify,
  Pair,
  PercentField,
  Select,
  Switch,
  Textarea,
  TextInput,
} from '@/ui';
import { type Definition, saveTemplate, type Template, type TemplateBody } from './queries';
import { numbersOf, PERIODS } from './words';

interface Props {
  known: Template | null;
  definitions: Definition[];
  mayChange: boolean;
  onDone: () => void;
}

const today = (): string => new Date().toISOString().slice(0, 10);

const fieldsOf = (known: Template | null) => ({
  name: known?.name ?? '',
  period_kind: known?.period_kind ?? ('quarter' as Template['period_kind']),
  metrics: known?.metrics ?? [],
  questions: known?.questions.join('\n') ?? '',
  message: known?.message ?? '',
  due: String(known?.due_days ?? 20),
  before: known?.remind_days_before.join(', ') ?? '7',
  after: known?.remind_days_after.join(', ') ?? '0, 3, 10',
  deviation: known?.deviation ?? '0.4',
  is_scheduled: known?.is_scheduled ?? true,
  starts_on: known?.starts_on ?? today(),
});

/** What is asked for, when, and when somebody is reminded. */
export function TemplateEditor({ known, definitions, mayChange, onDone }: Props) {
  const cache = useQueryClient();
  const [values, setValues] = useState(() => fieldsOf(known));
  const set = (change: Partial<typeof values>) => setValues({ ...values, ...change });
  const save = useMutation({
    mutationFn: () => saveTemplate(known, bodyOf(values, known)),
    onSuccess: async () => {
      notify('Saved', values.name);
      await cache.invalidateQueries({ queryKey: ['requests'] });
      onDone();
    },
  });
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Held pending={save.isPending} stacked>
        <TextInput
          label="Name"
          description="The company reads it"
          required
          maxLength={200}
          value={values.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        <MultiSelect
          label="Metrics"
          description="In the order of the form; what is computed from them is not asked for"
          required
          searchable
          data={definitions.map(({ key, label }) => ({ value: key, label }))}
          value={values.metrics}
          onChange={(metrics) => set({ metrics })}
        />
        <Textarea
          label="Questions"
          description="One a line"
          autosize
          minRows={2}
          value={values.questions}
          onChange={(event) => set({ questions: event.currentTarget.value })}
        />
        <Textarea
          label="Message"
          description="Shown above the form"
          autosize
          minRows={2}
          maxLength={1000}
          value={values.message}
          onChange={(event) => set({ message: event.currentTarget.value })}
        />
        <Pair>
          <Select
            label="Each"
            allowDeselect={false}
            data={Object.entries(PERIODS).map(([value, label]) => ({ value, label }))}
            value={values.period_kind}
            onChange={(value) => set({ period_kind: value as Template['period_kind'] })}
          />
          <TextInput
            label="Due, days after its end"
            inputMode="numeric"
            value={values.due}
            onChange={(event) => set({ due: event.currentTarget.value })}
          />
        </Pair>
        <Pair>
          <TextInput
            label="Remind, days before"
            value={values.before}
            onChange={(event) => set({ before: event.currentTarget.value })}
          />
          <TextInput
            label="Remind, days after"
            description="0: on the day"
            value={values.after}
            onChange={(event) => set({ after: event.currentTarget.value })}
          />
        </Pair>
        <Pair>
          <PercentField
            label="Ask why from a change of"
            value={values.deviation}
            onChange={(deviation) => set({ deviation })}
          />
          <DateField
            label="Periods that end from"
            value={values.starts_on}
            onChange={(starts_on) => set({ starts_on })}
          />
        </Pair>
        <Switch
          label="Ask by itself once a period has ended"
          checked={values.is_scheduled}
          onChange={(event) => set({ is_scheduled: event.currentTarget.checked })}
        />
        <FormError error={save.error} />
        {mayChange && (
          <Actions>
            <Button
              type="submit"
              loading={save.isPending}
              disabled={!values.name.trim() || values.metrics.length === 0}
            >
              Save
            </Button>
          </Actions>
        )}
      </Held>
    </form>
  );
}

const bodyOf = (values: ReturnType<typeof fieldsOf>, known: Template | null): TemplateBody => ({
  name: values.name.trim(),
  period_kind: values.period_kind,
  metrics: values.metrics,
  questions: values.questions
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean),
  message: values.message.trim() || null,
  due_days: Number(values.due),
  remind_days_before: numbersOf(values.before),
  remind_days_after: numbersOf(values.after),
  deviation: values.deviation,
  company_ids: known?.company_ids ?? [],
  is_scheduled: values.is_scheduled,
  starts_on: values.starts_on,
});
