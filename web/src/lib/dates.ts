/** Calendar dates as ISO text. Nothing here makes a Date from a calendar date in local time. */
const ISO = /^(\d{4})-(\d{2})-(\d{2})$/;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

export function isIsoDate(text: unknown): text is string {
  const match = typeof text === 'string' ? ISO.exec(text) : null;
  if (!match) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return year >= 1900 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

export function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function iso(year: number, month: number, day: number): string {
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** Today where the reader sits, or by the clock of the books (UTC) while that is a day behind: later is refused. */
export function today(now: Date = new Date()): string {
  const here = iso(now.getFullYear(), now.getMonth() + 1, now.getDate());
  const books = now.toISOString().slice(0, 10);
  return here < books ? here : books;
}

/** The last day of the quarter that ended on or before the given day. */
export function lastQuarterEnd(day: string): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  if (month % 3 === 0 && date === daysIn(year, month)) return day;
  const end = Math.floor((month - 1) / 3) * 3;
  return end === 0 ? iso(year - 1, 12, 31) : iso(year, end, daysIn(year, end));
}

/** The quarter ends up to a day, newest first. */
export function quarterEnds(day: string, count: number): string[] {
  const ends: string[] = [];
  for (let end = lastQuarterEnd(day); ends.length < count;) {
    ends.push(end);
    const [year, month] = end.split('-').map(Number) as [number, number];
    end = lastQuarterEnd(iso(year, month, 1));
  }
  return ends;
}

/** The first day of the month that lies so many months after a day's own; before it where the number is negative. */
export function monthAfter(day: string, months: number): string {
  const [year, month] = day.split('-').map(Number) as [number, number];
  const index = year * 12 + month - 1 + months;
  return iso(Math.floor(index / 12), (index % 12) + 1, 1);
}

/** What was known on a day is what was recorded until it ended, in UTC. */
export const endOfDay = (day: string): string => `${day}T23:59:59.999999Z`;

/** Reads `2026-06-30`, `30 Jun 2026`, `30 June 2026` and `Jun 30, 2026`; never guesses at 06/07/26. */
export function parseDate(text: string): string | null {
  const trimmed = text.trim();
  if (isIsoDate(trimmed)) return trimmed;
  const named = /^(\d{1,2})[ .-]+([a-z]{3,9})\.?[ ,.-]+(\d{4})$/i.exec(trimmed);
  const american = /^([a-z]{3,9})\.? (\d{1,2}),? (\d{4})$/i.exec(trimmed);
  const [day, word, year] = named
    ? [named[1], named[2], named[3]]
    : american
      ? [american[2], american[1], american[3]]
      : [undefined, undefined, undefined];
  if (!day || !word || !year) return null;
  const month = MONTHS.indexOf(word.slice(0, 3).toLowerCase()) + 1;
  const candidate = iso(Number(year), month, Number(day));
  return isIsoDate(candidate) ? candidate : null;
}
