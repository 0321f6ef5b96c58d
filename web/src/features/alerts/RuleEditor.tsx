import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { searchBy } from '@/api/entities';
import {
  Actions,
  Button,
  EntitySelect,
  FormError,
  Held,
  notify,
  Pair,
  PercentField,
  Select,
  TextInput,
} from '@/ui';
import { BackTested } from './BackTested';
import { backTest, type Definition, type Rule, type RuleBody, saveRule } from './queries';
import { bodyOf, EMPTY, type RuleValues, valuesOf } from './rule-values';
import { AGAINST, COMPARISONS, isChange, PERIODS, SEVERITIES } from './words';

interface Props {
  known: Rule | null;
  definitions: Definition[];
  mayChange: boolean;
  onDone: () => void;
}

const choices = (words: Record<string, string>) =>
  Object.entries(words).map(([value, label]) => ({ value, label }));

/** A rule as a sentence of choices; trying it on the past says how often it would have fired. */
export function RuleEditor({ known, definitions, mayChange, onDone }: Props) {
  const cache = useQueryClient();
  const [values, setValues] = useState<RuleValues>(known ? valuesOf(known) : EMPTY);
  const trial = useMutation({ mutationFn: (body: RuleBody) => backTest(body) });
  const save = useMutation({
    mutationFn: (body: RuleBody) => saveRule(known, body),
    onSuccess: async (_, { name }) => {
      notify('Saved', name);
      await cache.invalidateQueries({ queryKey: ['alerts'] });
      onDone();
    },
  });
  const set = (change: Partial<RuleValues>) => {
    trial.reset();
    setValues({ ...values, ...change });
  };
  const metric = definitions.find(({ key }) => key === values.metric);
  const body = bodyOf(values, metric);
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(body);
      }}
    >
      <Held pending={save.isPending} stacked>
        <TextInput
          label="Name"
          required
          maxLength={200}
          value={values.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        <Select
          label="Metric"
          required
          searchable
          data={definitions.map(({ key, label }) => ({ value: key, label }))}
          value={values.metric || null}
          onChange={(value) => set({ metric: value ?? '' })}
        />
        <Pair>
          <Select
            label="Of a"
            allowDeselect={false}
            data={choices(PERIODS)}
            value={values.period_kind}
            onChange={(value) => set({ period_kind: value as Rule['period_kind'] })}
          />
          <Select
            label="Fires when it"
            allowDeselect={false}
            data={choices(COMPARISONS)}
            value={values.comparison}
            onChange={(value) => set({ comparison: value as Rule['comparison'] })}
          />
        </Pair>
        <Limit values={values} metric={metric} set={set} />
        <Pair>
          <Select
            label="Severity"
            allowDeselect={false}
            data={choices(SEVERITIES)}
            value={values.severity}
            onChange={(value) => set({ severity: value as Rule['severity'] })}
          />
          <EntitySelect
            label="Companies"
            name="companies"
            placeholder={values.company_ids.length > 1 ? `${values.company_ids.length} companies` : 'All'}
            clearable
            load={searchBy('/api/v1/companies')}
            value={values.company_ids.length === 1 ? String(values.company_ids[0]) : ''}
            onChange={(value) => set({ company_ids: value ? [Number(value)] : [] })}
          />
        </Pair>
        <FormError error={save.error ?? trial.error} />
        <Actions>
          <Button
            variant="default"
            onClick={() => trial.mutate(body)}
            loading={trial.isPending}
            disabled={!values.metric}
          >
            Try it on the past
          </Button>
          {mayChange && (
            <Button type="submit" loading={save.isPending} disabled={!values.metric || !values.name.trim()}>
              Save
            </Button>
          )}
        </Actions>
        {trial.data && <BackTested found={trial.data} />}
      </Held>
    </form>
  );
}

interface LimitProps {
  values: RuleValues;
  metric: Definition | undefined;
  set: (change: Partial<RuleValues>) => void;
}

/** What the comparison needs: a fraction, an amount with its currency, or days. */
function Limit({ values, metric, set }: LimitProps) {
  if (values.comparison === 'missing')
    return (
      <TextInput
        label="Days after the period’s end"
        inputMode="numeric"
        required
        value={values.due_days}
        onChange={(event) => set({ due_days: event.currentTarget.value })}
      />
    );
  if (isChange(values.comparison) || metric?.unit === 'ratio')
    return (
      <Pair>
        <PercentField
          label="Limit"
          required
          value={values.threshold}
          onChange={(threshold) => set({ threshold })}
        />
        {isChange(values.comparison) && (
          <Select
            label="Measured"
            allowDeselect={false}
            data={choices(AGAINST)}
            value={values.against}
            onChange={(value) => set({ against: value as RuleValues['against'] })}
          />
        )}
      </Pair>
    );
  return (
    <Pair>
      <TextInput
        label="Limit"
        inputMode="decimal"
        required
        value={values.threshold}
        onChange={(event) => set({ threshold: event.currentTarget.value })}
      />
      {metric?.unit === 'money' && (
        <TextInput
          label="Currency"
          description="Empty: each company’s own"
          maxLength={3}
          value={values.currency}
          onChange={(event) => set({ currency: event.currentTarget.value.toUpperCase() })}
        />
      )}
    </Pair>
  );
}
