import { formatMoney, formatMultiple, formatPercent } from '@/lib/format';
import type { Alert, AlertVersion, Definition, Kind, Rule } from './queries';

export const STATES: Record<Alert['state'], string> = {
  open: 'Open',
  acknowledged: 'Acknowledged',
  closed: 'Closed',
};

export const SEVERITIES: Record<Alert['severity'], string> = {
  critical: 'Critical',
  warning: 'Warning',
  info: 'Info',
};

export const KINDS: Record<Kind, string> = {
  cohort_breach: 'Threshold breached',
  cohort_drift: 'Payments off their forecast',
  cohort_payments_missing: 'Payments missing',
  cohort_round_overdue: 'Statement not settled',
  metric: 'Rule on a metric',
};

export const kindText = (kind: string): string => KINDS[kind as Kind] ?? kind;

export const PERIODS: Record<Rule['period_kind'], string> = {
  month: 'Month',
  quarter: 'Quarter',
  year: 'Year',
};

export const COMPARISONS: Record<Rule['comparison'], string> = {
  below: 'is below',
  above: 'is above',
  falls_by: 'falls by more than',
  rises_by: 'rises by more than',
  missing: 'is not reported',
};

export const AGAINST: Record<NonNullable<Rule['against']>, string> = {
  previous: 'against the period before',
  year_before: 'against a year before',
};

export const isChange = (comparison: Rule['comparison']): boolean =>
  comparison === 'falls_by' || comparison === 'rises_by';

/** "Revenue of a quarter falls by more than 20.0% against a year before". */
export function ruleText(rule: Rule, definition: Definition | undefined): string {
  const what = `${definition?.label ?? rule.metric} of a ${rule.period_kind} ${COMPARISONS[rule.comparison]}`;
  if (rule.comparison === 'missing') return `${what} ${rule.due_days} days after its end`;
  const limit = limitText(rule, definition);
  return [what, limit, rule.against && AGAINST[rule.against]].filter(Boolean).join(' ');
}

function limitText(rule: Rule, definition: Definition | undefined): string {
  if (isChange(rule.comparison) || definition?.unit === 'ratio') return formatPercent(rule.threshold!);
  if (definition?.unit === 'multiple') return formatMultiple(rule.threshold!);
  if (definition?.unit !== 'money') return rule.threshold!.replace(/\.0+$/, '');
  return formatMoney(rule.threshold!, rule.currency ? { currency: rule.currency } : { symbol: false });
}

/** What happened to an alert with one of its versions. */
export function versionTitle(now: AlertVersion, before: AlertVersion | undefined): string {
  if (before === undefined) return 'Opened';
  if (now.state === before.state) return 'Its figures changed';
  if (now.state === 'open') return 'Opened again';
  if (now.state === 'closed' && now.note === null) return 'Closed: its cause is gone';
  return [STATES[now.state], now.note].filter(Boolean).join(': ');
}
