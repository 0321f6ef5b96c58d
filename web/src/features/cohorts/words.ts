import type { Tone } from '@/ui';

export type TradeState = 'collecting' | 'below_minimum' | 'cap_reached';

/** What the state of a trade is called; only exceptions have a tone. */
export const STATE_WORDS: Record<TradeState, { label: string; tone?: Tone }> = {
  collecting: { label: 'Collecting' },
  below_minimum: { label: 'Below minimum', tone: 'neg' },
  cap_reached: { label: 'Cap reached', tone: 'pos' },
};

/** Why a rate does not exist, in words. */
export const rateReason = (status: string | null): string =>
  status?.replaceAll('_', ' ') ?? 'not shown to you';
