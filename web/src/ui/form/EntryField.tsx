import { Checkbox, Select, Textarea, TextInput } from '@mantine/core';
import { DateField } from '../fields/DateField';
import { EntitySelect } from '../fields/EntitySelect';
import { MoneyField } from '../fields/MoneyField';
import { PercentField } from '../fields/PercentField';
import type { FieldSpec } from './fields';

interface Props {
  spec: FieldSpec;
  currency: string;
  value: string;
  onChange: (value: string) => void;
  error?: string;
}

export function EntryField({ spec, currency, value, onChange, error }: Props) {
  const common = { label: spec.label, description: spec.description, required: spec.required, error };
  const input = { label: spec.label, description: spec.description, withAsterisk: spec.required, error };
  const typed = (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value);
  switch (spec.kind) {
    case 'date':
      return <DateField {...common} value={value} onChange={onChange} />;
    case 'money':
      return <MoneyField {...common} currency={currency} value={value} onChange={onChange} />;
    case 'percent':
      return <PercentField {...common} value={value} onChange={onChange} />;
    case 'choice':
      return (
        <Select
          {...input}
          data={spec.options}
          value={value || null}
          onChange={(chosen) => onChange(chosen ?? '')}
        />
      );
    case 'entity':
      return (
        <EntitySelect
          {...common}
          name={spec.entity}
          load={spec.load}
          creatable={spec.creatable}
          value={value}
          onChange={onChange}
        />
      );
    case 'flag':
      return (
        <Checkbox
          label={spec.label}
          description={spec.description}
          checked={value === 'true'}
          onChange={(event) => onChange(event.currentTarget.checked ? 'true' : '')}
        />
      );
    case 'prose':
      return <Textarea {...input} autosize minRows={2} value={value} onChange={typed} />;
    default:
      return <TextInput {...input} value={value} onChange={typed} />;
  }
}
