import type { TradeTerms } from '@/api/types';
import { formatDate, formatMoney, formatPercent } from '@/lib/format';
import type { Change, VersionItem } from '@/ui';
import { TIMINGS } from './fields';
import type { TradeVersion } from './queries';

type Words = [label: string, said: (terms: Partial<TradeTerms>, currency: string) => string | null];

const money = (value: string | null | undefined, currency: string) =>
  value == null ? null : formatMoney(value, { currency });
const share = (value: string | null | undefined, dp: number) =>
  value == null ? null : formatPercent(value, { dp });

const WORDS: Words[] = [
  ['Cohort month', ({ cohort_month }) => (cohort_month ? formatDate(cohort_month, 'month') : null)],
  ['Share', ({ sharing_percentage }) => share(sharing_percentage, 2)],
  ['Cap', ({ cash_cap }, currency) => money(cash_cap, currency)],
  ['Planned spend', ({ planned_spend }, currency) => money(planned_spend, currency)],
  ['Target IRR', ({ target_irr }) => share(target_irr, 2)],
  ['Allowed deviation', ({ allowed_deviation }) => share(allowed_deviation, 2)],
  ['Collections count', ({ timing }) => TIMINGS.find(({ value }) => value === timing)?.label ?? null],
];

/** What the terms say, in the order they are read; what is not agreed is left out. */
export const termsWords = (
  terms: Partial<TradeTerms>,
  currency: string,
): { label: string; value: string }[] =>
  WORDS.flatMap(([label, said]) => {
    const value = said(terms, currency);
    return value === null ? [] : [{ label, value }];
  });

const changes = (before: TradeVersion, after: TradeVersion, currency: string): Change[] =>
  WORDS.flatMap(([label, said]) => {
    const [was, is] = [said(before, currency), said(after, currency)];
    return was === is ? [] : [{ label, before: was, after: is }];
  });

/** The history of a trade, newest first: what was recorded, corrected and voided. */
export function tellTrade(
  versions: readonly TradeVersion[],
  currency: string,
  by: (id: number | null) => string,
): VersionItem[] {
  return versions
    .map((one, index) => {
      const before = versions[index - 1];
      return {
        key: String(one.version),
        at: one.recorded_at,
        title: one.voided_at
          ? `Voided: ${one.void_reason ?? 'no reason given'}`
          : before
            ? 'Corrected'
            : 'Recorded',
        by: by(one.recorded_by),
        changes: before ? changes(before, one, currency) : [],
      };
    })
    .reverse();
}
