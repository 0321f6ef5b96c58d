import { expect, test } from 'vitest';
import type { LastFetch } from './queries';
import { fetchState, fetchText, hostOf } from './words';

const LAST: LastFetch = {
  job_id: 1,
  state: 'done',
  first_month: '2024-01',
  last_month: '2024-03',
  asked_at: '2024-04-02T03:00:00Z',
  ended_at: '2024-04-02T03:00:01Z',
  outcome: 'recorded',
  lines: 9,
  created: 1,
  restated: 2,
  unchanged: 6,
  corrected: 0,
  left_out: 0,
  findings: 1,
  import_id: 7,
  labels: [],
  label_count: 0,
  errors: [],
  error_count: 0,
  notes: [],
  error: null,
};

test('a fetch says what it recorded and of which months', () => {
  expect(fetchText(LAST)).toMatch(/^1 new figure, 2 restated, 1 finding · Jan 2024 to Mar 2024 · /);
  expect(fetchState(LAST)).toEqual({ text: 'Recorded', tone: 'pos' });
});

test('labels nobody knows are to be decided, a failure says why, and a try that failed is no failure yet', () => {
  const open: LastFetch = { ...LAST, outcome: 'unmapped', label_count: 3 };
  expect(fetchText(open)).toMatch(/^3 labels nobody knows; nothing was recorded/);
  expect(fetchState(open).tone).toBe('warn');
  const away: LastFetch = {
    ...LAST,
    state: 'waiting',
    outcome: null,
    error: 'books.example does not answer.',
  };
  expect(fetchText(away)).toBe('books.example does not answer.');
  expect(fetchState(away).text).toBe('Tried again');
  expect(fetchState({ ...away, state: 'failed' }).text).toBe('Failed');
  expect(fetchState({ ...away, error: null }).text).toBe('Fetching');
});

test('an address is named by its host', () => {
  expect(hostOf('https://figures.example.com/books')).toBe('figures.example.com');
  expect(hostOf('figures')).toBe('figures');
});
