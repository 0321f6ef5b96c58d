import { formatInstant, periodText } from '@/lib/format';
import type { Tone } from '@/ui';
import { counted } from '../imports/words';
import type { Connection, LastFetch } from './queries';

export const PROVIDERS: Record<Connection['provider'], string> = { feed: 'Feed' };

/** How the latest fetch goes or went, in a word and its colour. */
export function fetchState(last: LastFetch): { text: string; tone: Tone } {
  if (last.state === 'failed') return { text: 'Failed', tone: 'neg' };
  if (last.state === 'waiting')
    return last.error === null ? { text: 'Fetching', tone: 'info' } : { text: 'Tried again', tone: 'warn' };
  return OUTCOMES[last.outcome ?? 'empty'];
}

const OUTCOMES: Record<NonNullable<LastFetch['outcome']>, { text: string; tone: Tone }> = {
  recorded: { text: 'Recorded', tone: 'pos' },
  unchanged: { text: 'Nothing new', tone: 'neutral' },
  empty: { text: 'No figures', tone: 'neutral' },
  unmapped: { text: 'To decide', tone: 'warn' },
  refused: { text: 'Refused', tone: 'neg' },
};

/** What the latest fetch came to, in a sentence. */
export function fetchText(last: LastFetch): string {
  const months = `${periodText(last.first_month)} to ${periodText(last.last_month)}`;
  if (last.state !== 'done') return last.error ?? `Asked for ${months}`;
  const told = {
    recorded: [
      counted(last.created ?? 0, 'new figure'),
      (last.restated ?? 0) > 0 && `${last.restated} restated`,
      (last.findings ?? 0) > 0 && counted(last.findings ?? 0, 'finding'),
    ]
      .filter(Boolean)
      .join(', '),
    unchanged: 'Every figure is recorded as it is',
    empty: 'The source has no figures of these months',
    unmapped: `${counted(last.label_count, 'label')} nobody knows; nothing was recorded`,
    refused: `${counted(last.error_count, 'figure')} cannot be; nothing was recorded`,
  }[last.outcome ?? 'empty'];
  return `${told} · ${months} · ${formatInstant(last.ended_at ?? last.asked_at)}`;
}

/** The host of an address, as far as it has one. */
export function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : address;
}
