import type { FactRecord } from '@/lib/facts';
import { type FieldSpec, type FormValues, toBody } from '@/ui';
import { CALL, COMMITMENT, DISTRIBUTION, ENTRY, MARK, REPORTED, TRANSACTION } from '../entries';
import type { Fact } from './queries';

const FIELDS: Record<FactRecord, FieldSpec[]> = {
  commitments: COMMITMENT,
  'capital-calls': CALL,
  distributions: DISTRIBUTION,
  'vehicle-entries': ENTRY,
  transactions: TRANSACTION,
  marks: MARK,
  'reported-navs': REPORTED,
};

/** What a correction may not change and must not lose. */
const KEPT: Partial<Record<FactRecord, string[]>> = { transactions: ['into_holding_id'] };

/** The amounts that are split over the lines of a call or a distribution. */
const SPLIT: Partial<Record<FactRecord, string[]>> = {
  'capital-calls': ['investments', 'fees', 'expenses'],
  distributions: ['return_of_capital', 'gains', 'income', 'recallable'],
};

interface Line {
  investor_id: number;
  paid_on: string | null;
  outside_commitment?: boolean;
  [part: string]: unknown;
}

const linesOf = (fact: Fact): Line[] => (fact.lines as Line[] | undefined) ?? [];

/** An opening balance is what a file said of the time before its first row: it goes with that file. */
export const correctable = (fact: Fact): boolean => fact.kind !== 'opening';

/** The same form a fact was recorded with, filled. Whom it is about is not asked again. */
export function correctionFields(record: FactRecord, fact: Fact): FieldSpec[] {
  return FIELDS[record]
    .filter(({ kind }) => kind !== 'entity')
    .map((spec) => {
      const initial = initialOf(spec.name, fact);
      if (spec.kind !== 'choice' || spec.options.some(({ value }) => value === initial))
        return { ...spec, initial };
      return { ...spec, initial, options: [...spec.options, { value: initial, label: initial }] };
    });
}

function initialOf(name: string, fact: Fact): string {
  if (name === 'paid_on') return commonDay(linesOf(fact)) ?? '';
  const value = fact[name];
  // An amount of nothing was left empty when it was recorded.
  return value === null || value === undefined || /^0(\.0+)?$/.test(String(value))
    ? zero(name, value)
    : String(value);
}

const zero = (name: string, value: unknown): string =>
  value !== null && value !== undefined && (name === 'amount' || name === 'fair_value') ? String(value) : '';

function commonDay(lines: Line[]): string | null {
  const days = new Set(lines.map(({ paid_on: day }) => day));
  return days.size === 1 ? (lines[0]!.paid_on ?? null) : null;
}

/** Whether a call's lines were paid on different days, which one field cannot show. */
export const paidOnSeveralDays = (fact: Fact): boolean =>
  new Set(linesOf(fact).map(({ paid_on: day }) => day)).size > 1;

/** Whether the typed amounts differ from what is recorded, so that they are split over the investors again. */
export function splitsAgain(record: FactRecord, fact: Fact, values: FormValues): boolean {
  return (SPLIT[record] ?? []).some((name) => (values[name] ?? '') !== initialOf(name, fact));
}

/** The whole fact as it should stand, which is what a correction sends. */
export function correctionBody(record: FactRecord, fact: Fact, values: FormValues): object {
  const fields = correctionFields(record, fact);
  const kept = (KEPT[record] ?? []).filter((name) => fact[name] !== null && fact[name] !== undefined);
  const body = { ...Object.fromEntries(kept.map((name) => [name, fact[name]])), ...toBody(fields, values) };
  const parts = SPLIT[record];
  if (!parts || splitsAgain(record, fact, values)) return body;
  return { ...without(body, parts), lines: sameLines(parts, fact, values) };
}

/** The lines as they are, so that each investor's share stays; their payment day follows the form where it was changed. */
function sameLines(parts: string[], fact: Fact, values: FormValues): object[] {
  const lines = linesOf(fact);
  const dayChanged = (values.paid_on ?? '') !== (commonDay(lines) ?? '');
  return lines.map((line) => ({
    investor_id: line.investor_id,
    ...Object.fromEntries(parts.map((name) => [name, line[name]])),
    ...(line.outside_commitment === undefined ? {} : { outside_commitment: line.outside_commitment }),
    paid_on: dayChanged ? values.paid_on || null : line.paid_on,
  }));
}

function without(body: object, names: string[]): object {
  return Object.fromEntries(
    Object.entries(body).filter(([name]) => !names.includes(name) && name !== 'paid_on'),
  );
}
