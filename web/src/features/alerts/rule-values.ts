import { parseAmount } from '@/lib/parse-number';
import type { Definition, Rule, RuleBody } from './queries';
import { isChange } from './words';

/** What the editor holds: text, empty where nothing was given. */
export interface RuleValues {
  name: string;
  metric: string;
  period_kind: Rule['period_kind'];
  comparison: Rule['comparison'];
  against: NonNullable<Rule['against']>;
  /** A fraction for a change or a ratio, else an amount or a count as typed. */
  threshold: string;
  currency: string;
  due_days: string;
  severity: Rule['severity'];
  company_ids: number[];
}

export const EMPTY: RuleValues = {
  name: '',
  metric: '',
  period_kind: 'quarter',
  comparison: 'below',
  against: 'previous',
  threshold: '',
  currency: '',
  due_days: '30',
  severity: 'warning',
  company_ids: [],
};

export const valuesOf = (rule: Rule): RuleValues => ({
  ...rule,
  against: rule.against ?? 'previous',
  threshold: rule.threshold ?? '',
  currency: rule.currency ?? '',
  due_days: rule.due_days === null ? '30' : String(rule.due_days),
});

/** The rule as the API takes it: only what its comparison needs. What cannot be read goes as typed, and is refused. */
export function bodyOf(values: RuleValues, metric: Definition | undefined): RuleBody {
  const { name, period_kind, comparison, severity, company_ids } = values;
  const body = {
    name: name.trim() || 'Tried',
    metric: values.metric,
    period_kind,
    comparison,
    severity,
    company_ids,
  };
  if (comparison === 'missing') return { ...body, due_days: Number(values.due_days) };
  const typed = values.threshold.trim();
  const threshold = parseAmount(typed) ?? typed;
  if (isChange(comparison)) return { ...body, threshold, against: values.against };
  const currency = metric?.unit === 'money' && values.currency ? values.currency : undefined;
  return { ...body, threshold, currency };
}
