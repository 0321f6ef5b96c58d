import { isIsoDate } from '@/lib/dates';

/**
 * What pages keep in their addresses. What stands in an address may be anything: what cannot be read is left out, so
 * that an old or mistyped link still opens its page.
 */
type Raw = Record<string, unknown>;

const text = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) || undefined : undefined;

const day = (value: unknown): string | undefined => (isIsoDate(value) ? value : undefined);

const id = (value: unknown): number | undefined => {
  const number = Number(value);
  return value !== '' && Number.isSafeInteger(number) && number > 0 ? number : undefined;
};

export interface RootSearch {
  /** The date of the figures. */
  as_of?: string;
  /** The day up to whose end they were known. */
  known_at?: string;
  /** The figure that is open. */
  explain?: string;
}

export const rootSearch = (raw: Raw): RootSearch => ({
  as_of: day(raw.as_of),
  known_at: day(raw.known_at),
  explain: text(raw.explain),
});

export interface ListSearch {
  q?: string;
  sort?: string;
}

export const listSearch = (raw: Raw): ListSearch => ({ q: text(raw.q), sort: text(raw.sort) });

export interface LedgerSearch extends ListSearch {
  fund?: number;
  /** The entry form is open. */
  new?: boolean;
}

export const ledgerSearch = (raw: Raw): LedgerSearch => ({
  ...listSearch(raw),
  fund: id(raw.fund),
  new: raw.new === true || undefined,
});

export interface SignInSearch {
  token?: string;
  /** Where to go afterwards. */
  next?: string;
}

export const signInSearch = (raw: Raw): SignInSearch => ({ token: text(raw.token), next: text(raw.next) });
