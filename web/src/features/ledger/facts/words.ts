import type { FactRecord } from '@/lib/facts';
import { formatDate, formatMoney, formatPercent, formatQuantity, humanise, NA } from '@/lib/format';
import type { Change } from '@/ui';
import type { Version } from './queries';

type Form = 'date' | 'money' | 'share' | 'quantity' | 'code' | 'text';
type Words = [label: string, form: Form];

/** What people read of a fact, in the order they read it. Ids and bookkeeping columns are no words. */
const FIELDS: Record<FactRecord, Record<string, Words>> = {
  commitments: { committed_on: ['Closing', 'date'], amount: ['Commitment', 'money'] },
  'capital-calls': {
    kind: ['Kind', 'code'],
    called_on: ['Called on', 'date'],
    due_on: ['Due on', 'date'],
    amount: ['Amount', 'money'],
    investments: ['For investments', 'money'],
    fees: ['For fees', 'money'],
    expenses: ['For expenses', 'money'],
    paid: ['Paid so far', 'money'],
    purpose: ['Purpose', 'text'],
  },
  distributions: {
    kind: ['Kind', 'code'],
    declared_on: ['Declared on', 'date'],
    due_on: ['Due on', 'date'],
    amount: ['Amount', 'money'],
    return_of_capital: ['Return of capital', 'money'],
    gains: ['Gains', 'money'],
    income: ['Income', 'money'],
    recallable: ['Of it recallable', 'money'],
    paid: ['Paid so far', 'money'],
    purpose: ['Purpose', 'text'],
  },
  'vehicle-entries': {
    kind: ['Kind', 'code'],
    entered_on: ['Date', 'date'],
    amount: ['Amount', 'money'],
    memo: ['Note', 'text'],
  },
  transactions: {
    kind: ['Kind', 'code'],
    transacted_on: ['Date', 'date'],
    amount: ['Amount', 'money'],
    quantity: ['Units', 'quantity'],
    ownership: ['Stake', 'share'],
    disposed_share: ['Share of the holding that ends', 'share'],
    memo: ['Note', 'text'],
  },
  marks: {
    measured_on: ['Measured on', 'date'],
    fair_value: ['Fair value', 'money'],
    method: ['Method', 'code'],
    memo: ['Note', 'text'],
  },
  'reported-navs': {
    reported_on: ['Date of the value', 'date'],
    amount: ['Net asset value', 'money'],
    source: ['Source', 'text'],
  },
};

const NOUNS: Record<FactRecord, string> = {
  commitments: 'Commitment',
  'capital-calls': 'Capital call',
  distributions: 'Distribution',
  'vehicle-entries': 'Entry',
  transactions: 'Transaction',
  marks: 'Valuation mark',
  'reported-navs': 'Reported NAV',
};

/** "Management fee", "Follow on", "Valuation mark": its kind where that says more than its table. */
export function factName(record: FactRecord, fact: Record<string, unknown> | undefined): string {
  const kind = fact?.kind;
  const says = record === 'vehicle-entries' || record === 'transactions' || kind === 'adjustment';
  return says && typeof kind === 'string' ? humanise(kind) : NOUNS[record];
}

function word(form: Form, value: unknown, currency: string | undefined): string | null {
  if (value === null || value === undefined || value === '') return null;
  const text = String(value);
  switch (form) {
    case 'date':
      return formatDate(text);
    case 'money':
      return formatMoney(text, currency ? { currency } : { symbol: false });
    case 'share':
      return formatPercent(text, { dp: 4 });
    case 'quantity':
      return formatQuantity(text);
    case 'code':
      return humanise(text);
    default:
      return text;
  }
}

/** What a fact says, field by field; what it does not say is left out. */
export function factDetails(record: FactRecord, fact: Record<string, unknown>, currency: string | undefined) {
  return Object.entries(FIELDS[record]).flatMap(([name, [label, form]]) => {
    const value = word(form, fact[name], currency);
    return value === null || value === NA ? [] : [{ label, value }];
  });
}

/** What a later version says differently. */
export function changesBetween(
  record: FactRecord,
  earlier: Record<string, unknown>,
  later: Record<string, unknown>,
  currency: string | undefined,
): Change[] {
  return Object.entries(FIELDS[record]).flatMap(([name, [label, form]]) => {
    const before = word(form, earlier[name], currency);
    const after = word(form, later[name], currency);
    return before === after ? [] : [{ label, before, after }];
  });
}

export interface Told {
  key: string;
  at: string;
  title: string;
  by: string;
  changes: Change[];
}

/** The history of a fact in words, the newest first. */
export function tellVersions(
  record: FactRecord,
  versions: Version[],
  currency: string | undefined,
  by: (userId: number | null) => string,
): Told[] {
  return versions
    .map((version, index) => {
      const earlier = versions[index - 1];
      return {
        key: String(version.version),
        at: version.recorded_at,
        title: titleOf(version, earlier),
        by: by(version.recorded_by),
        changes: earlier && !version.voided_at ? changesBetween(record, earlier, version, currency) : [],
      };
    })
    .toReversed();
}

function titleOf(version: Version, earlier: Version | undefined): string {
  if (version.voided_at && !earlier?.voided_at) return `Voided: ${version.void_reason ?? 'no reason given'}`;
  if (earlier) return 'Corrected';
  return version.batch_id === null ? 'Recorded' : `Recorded by import ${version.batch_id}`;
}
