import { searchBy } from '@/api/entities';
import type { FieldSpec } from '@/ui';

/** What a trade's form begins with; empty where nothing is known. */
export interface TermsDraft {
  cohort_month?: string;
  sharing_percentage?: string | null;
  cash_cap?: string | null;
  planned_spend?: string | null;
  target_irr?: string | null;
  allowed_deviation?: string | null;
  timing?: string | null;
}

/** When what a month brings counts. */
export const TIMINGS = [
  { value: 'end_of_month', label: 'At the end of the month' },
  { value: 'same_month', label: 'In the same month, at its beginning' },
];

const FIELDS: FieldSpec[] = [
  {
    name: 'cohort_month',
    label: 'Cohort month',
    kind: 'date',
    required: true,
    description: 'The first day of the month, such as 2026-03-01',
  },
  {
    name: 'sharing_percentage',
    label: 'Share',
    kind: 'percent',
    required: true,
    description: 'Of the spend that is paid, and of the payments that are collected',
  },
  {
    name: 'cash_cap',
    label: 'Cap',
    kind: 'money',
    description: 'The most that is collected. Left empty: no cap',
  },
  {
    name: 'planned_spend',
    label: 'Planned spend',
    kind: 'money',
    description: 'What the cap was agreed for. If the spend differs, the cap changes with it',
  },
  {
    name: 'target_irr',
    label: 'Target IRR',
    kind: 'percent',
    description: 'The annual rate at which collecting ends; with a cap, the lower of the two binds',
  },
  {
    name: 'allowed_deviation',
    label: 'Allowed deviation',
    kind: 'percent',
    description: 'How far the actual spend may lie from the planned one without a finding',
  },
  {
    name: 'timing',
    label: 'Collections count',
    kind: 'choice',
    initial: '',
    options: [{ value: '', label: 'As for the company’s other trades' }, ...TIMINGS],
    description: 'When in the month, for the IRR',
  },
];

/** The form of a trade. In whose books it is, is said when it is recorded. */
export function tradeFields(draft: TermsDraft, books: boolean): FieldSpec[] {
  const filled = FIELDS.map((field) => ({
    ...field,
    initial: draft[field.name as keyof TermsDraft] ?? field.initial,
  }));
  if (!books) return filled;
  return [
    ...filled,
    {
      name: 'fund_id',
      label: 'Fund',
      kind: 'entity',
      entity: 'fund',
      load: searchBy('/api/v1/funds'),
      description: 'In whose books the trade is',
    },
  ];
}

/** The API takes the fund as a number. */
export const tradeBody = (body: Record<string, unknown>): Record<string, unknown> =>
  body.fund_id === undefined ? body : { ...body, fund_id: Number(body.fund_id) };
