import type { Definition } from '../queries';
import type { DefinitionBody } from './queries';

export const UNITS: Record<Definition['unit'], string> = {
  money: 'Money',
  count: 'Count',
  ratio: 'Percentage',
  multiple: 'Multiple',
  months: 'Months',
};

export const KINDS: Record<Definition['kind'], string> = {
  flow: 'Flow: adds up over time',
  stock: 'Stock: takes the last value',
  derived: 'Computed by a formula',
};

export const KIND_NAMES: Record<Definition['kind'], string> = {
  flow: 'Flow',
  stock: 'Stock',
  derived: 'Computed',
};

export const SIGNS: Record<Definition['sign'], string> = {
  positive: 'Positive',
  any: 'Either sign',
};

export const OVER_TIME: Record<Definition['aggregation'], string> = {
  sum: 'Added up',
  last: 'The last one',
  mean: 'The mean',
  recompute: 'Computed again',
};

export const FX: Record<Definition['fx'], string> = {
  average: 'Average rate',
  closing: 'Closing rate',
  none: 'Not converted',
};

export const STATEMENTS: Record<Definition['statement'], string> = {
  profit_and_loss: 'Profit and loss',
  balance_sheet: 'Balance sheet',
  cash_flow: 'Cash flow',
  kpi: 'Key figures',
};

export type Values = Required<Pick<DefinitionBody, 'key' | 'label' | 'unit' | 'kind' | 'sign'>> & {
  formula: string;
  description: string;
};

export const EMPTY: Values = {
  key: '',
  label: '',
  unit: 'money',
  kind: 'flow',
  sign: 'any',
  formula: '',
  description: '',
};

export const valuesOf = (one: Definition): Values => ({
  key: one.key,
  label: one.label,
  unit: one.unit,
  kind: one.kind,
  sign: one.sign,
  formula: one.formula ?? '',
  description: one.description ?? '',
});

/** "Gross merchandise value" proposes the key gross_merchandise_value. */
export const keyOf = (label: string): string =>
  label
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^[^a-z]+|_+$/g, '')
    .slice(0, 64);

export const bodyOf = (values: Values, known: Definition | null): DefinitionBody => ({
  key: values.key || keyOf(values.label),
  label: values.label.trim(),
  unit: values.unit,
  kind: values.kind,
  sign: values.sign,
  formula: values.kind === 'derived' ? values.formula.trim() || null : null,
  description: values.description.trim() || null,
  // What no field shows stays as it is.
  ...(known && known.kind === values.kind && values.kind !== 'derived'
    ? { aggregation: known.aggregation as 'sum', fx: known.fx }
    : {}),
});
