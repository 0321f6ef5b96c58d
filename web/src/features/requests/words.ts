import type { Tone } from '@/ui';
import type { Cell, DataRequest, SentValue, Template } from './queries';

export const STATES: Record<Cell['state'], string> = {
  asked: 'Asked',
  draft: 'Begun',
  submitted: 'Sent',
  returned: 'Sent back',
  approved: 'Approved',
  cancelled: 'Taken back',
};

export const DECISIONS: Record<SentValue['state'], string> = {
  submitted: 'To decide',
  approved: 'Approved',
  rejected: 'Sent back',
};

export const PERIODS: Record<Template['period_kind'], string> = {
  month: 'Month',
  quarter: 'Quarter',
  year: 'Year',
};

export const PURPOSES: Record<DataRequest['links'][number]['purpose'], string> = {
  ask: 'Asked',
  remind: 'Reminded',
  return: 'Sent back',
  hand: 'Link handed over',
};

export const cellText = (cell: Pick<Cell, 'state' | 'is_overdue'>): string =>
  cell.is_overdue ? 'Overdue' : STATES[cell.state];

export const toneOf = (cell: Pick<Cell, 'state' | 'is_overdue'>): Tone => {
  if (cell.is_overdue) return 'neg';
  if (cell.state === 'approved') return 'pos';
  if (cell.state === 'submitted') return 'info';
  return cell.state === 'returned' ? 'warn' : 'neutral';
};

/** "7 days before, on the day, 3 and 10 days after": when somebody who has not answered is reminded. */
export function ladderText(before: number[], after: number[]): string {
  const days = (count: number) => (count === 1 ? '1 day' : `${count} days`);
  const said = [
    ...before.map((count) => `${days(count)} before`),
    ...after.map((count) => (count === 0 ? 'on the day' : `${days(count)} after`)),
  ];
  return said.length === 0 ? 'no reminders' : `reminded ${said.join(', ')}`;
}

/** The numbers of a list as somebody types it: "0, 3, 10". What is no number is left out. */
export const numbersOf = (text: string): number[] =>
  text
    .split(/[\s,;]+/)
    .filter((part) => /^\d{1,3}$/.test(part))
    .map(Number);
