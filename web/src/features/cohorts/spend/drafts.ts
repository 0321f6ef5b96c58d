import type { Cohort, Spend } from '@/api/types';
import { monthAfter } from '@/lib/dates';
import { parseAmount } from '@/lib/parse-number';

/** A month of the grid: what is recorded of it, and whether customers first paid in it. */
export interface MonthRow {
  month: string;
  spend: Spend | null;
  customers: number;
}

/** What was typed and is not saved yet, by month. */
export type Drafts = Readonly<Record<string, string>>;

/** More months than this are not filled between the first and the last one. */
const FILLED_MAX = 240;

/** After so many months without anything the months up to this one are not shown unless they are asked for. */
const IDLE_MAX = 12;

/**
 * Every month from the first to the last that has a spend or a cohort, this one included, and those that were asked
 * for around them: so that a column can be pasted over them.
 */
export function rowsOf(
  spends: readonly Spend[],
  cohorts: readonly Cohort[],
  today: string,
  around: { earlier: number; later: number },
): MonthRow[] {
  const bySpend = new Map(spends.map((spend) => [spend.cohort_month, spend]));
  const byCohort = new Map(cohorts.map((cohort) => [cohort.cohort_month, cohort.customers]));
  const known = [...bySpend.keys(), ...byCohort.keys()].sort();
  const latest = known[known.length - 1];
  const now = monthAfter(today, 0);
  const named = latest === undefined || monthAfter(latest, IDLE_MAX) >= now ? [...known, now].sort() : known;
  const start = monthAfter(named[0]!, -around.earlier);
  const end = monthAfter(named[named.length - 1]!, around.later);
  const months = new Set(named);
  for (
    let month = start, count = 0;
    month <= end && count < FILLED_MAX;
    count++, month = monthAfter(month, 1)
  )
    months.add(month);
  months.add(end);
  return [...months].sort().map((month) => ({
    month,
    spend: bySpend.get(month) ?? null,
    customers: byCohort.get(month) ?? 0,
  }));
}

/** Why a draft cannot be saved; null where it can. */
export function wrongDraft(row: MonthRow, draft: string): string | null {
  if (draft.trim() === '') return row.spend ? 'Void it instead of emptying it' : null;
  const read = parseAmount(draft);
  if (read === null) return 'Not an amount';
  return read.startsWith('-') ? 'Below zero' : null;
}

/** Whether a draft says anything else than what is recorded. */
export function isChanged(row: MonthRow, draft: string | undefined): draft is string {
  if (draft === undefined) return false;
  if (draft.trim() === '') return row.spend !== null;
  const read = parseAmount(draft);
  return read === null || row.spend === null || plain(read) !== plain(row.spend.spend);
}

/** Without zeros that change nothing. */
const plain = (amount: string): string => (amount.includes('.') ? amount.replace(/\.?0+$/, '') : amount);
