import { monthAfter, parseDate } from '@/lib/dates';
import { formatDate } from '@/lib/format';
import { parseAmount } from '@/lib/parse-number';

/** A line that cannot be taken over, and why. */
export interface BadLine {
  line: number;
  text: string;
  reason: string;
}

export interface Pasted {
  /** The months by their first day, with their spend as exact text. */
  rows: { month: string; spend: string }[];
  bad: BadLine[];
}

const SHORT = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/**
 * Reads what was copied from a spreadsheet: a column of amounts, from a month on, or months beside their amounts. An
 * empty cell of a column leaves its month as it is; a first line of headings is passed over. Every line is looked at,
 * so that all that is wrong is known at once.
 */
export function readPaste(text: string, from: string): Pasted {
  const lines = text.replace(/\r/g, '').replace(/\n+$/, '').split('\n');
  const found: Pasted = { rows: [], bad: [] };
  const seen = new Map<string, number>();
  let next = monthAfter(from, 0);
  for (const [index, whole] of lines.entries()) {
    const cells = whole.split(/[\t;]/).map((cell) => cell.trim());
    if (isHeading(cells, index)) continue;
    const beside = cells.length > 1;
    const month = beside ? readMonth(cells[0]!) : next;
    if (!beside) next = monthAfter(next, 1);
    const amount = cells[cells.length - 1]!;
    if (amount === '' && (!beside || cells.every((cell) => cell === ''))) continue;
    const reason = wrong(cells, month, amount, month === null ? undefined : seen.get(month));
    if (reason !== null || month === null) {
      found.bad.push({ line: index + 1, text: whole.trim(), reason: reason ?? '' });
      continue;
    }
    seen.set(month, index + 1);
    found.rows.push({ month, spend: parseAmount(amount)! });
  }
  return found;
}

function wrong(
  cells: string[],
  month: string | null,
  amount: string,
  before: number | undefined,
): string | null {
  if (cells.length > 2) return `has ${cells.length} cells: a month and its spend are needed`;
  if (month === null) return `“${cells[0]}” is not a month, such as 2026-03 or Mar 2026`;
  const read = parseAmount(amount);
  if (read === null) return amount === '' ? 'has no amount' : `“${amount}” is not an amount`;
  if (read.startsWith('-')) return 'is below zero';
  if (before !== undefined) return `${formatDate(month, 'month')} is there twice, first in row ${before}`;
  return null;
}

/** Text in the first line, where an amount would have a digit. */
function isHeading(cells: string[], index: number): boolean {
  return index === 0 && !/\d/.test(cells.join('')) && cells.some((cell) => /\p{L}{3}/u.test(cell));
}

/** `2026-03`, `2026-03-01`, `03/2026`, `Mar 2026` or `1 March 2026` as the first day; null for anything else. */
export function readMonth(text: string): string | null {
  const numbers = /^(\d{4})[-/](\d{1,2})$/.exec(text);
  const turned = /^(\d{1,2})[-/](\d{4})$/.exec(text);
  const named = /^([a-z]{3,9})\.?[ -](\d{4})$/i.exec(text);
  if (numbers) return first(Number(numbers[1]), Number(numbers[2]));
  if (turned) return first(Number(turned[2]), Number(turned[1]));
  if (named) return first(Number(named[2]), SHORT.indexOf(named[1]!.slice(0, 3).toLowerCase()) + 1);
  const day = parseDate(text);
  return day?.endsWith('-01') ? day : null;
}

function first(year: number, month: number): string | null {
  return parseDate(`${year}-${String(month).padStart(2, '0')}-01`);
}
