import {
  formatInt,
  formatMoney,
  formatMultiple,
  formatPercent,
  formatQuantity,
  humanise,
  NA,
  tableUnit,
  toNumber,
} from '@/lib/format';
import { fractionToPercent, parseAmount, parsePercent } from '@/lib/parse-number';
import type { Cell, Line, Scenario, Unit } from './queries';

export type Scale = 'full' | 'k' | 'm';

export const KINDS = { month: 'Month', quarter: 'Quarter', year: 'Year', ltm: 'LTM' } as const;
export const SCENARIOS: Record<Scenario, string> = {
  actual: 'Actual',
  budget: 'Budget',
  forecast: 'Forecast',
};
export const SCALES: Record<Scale, string> = { full: 'Full', k: 'k', m: 'm' };

/** The scale in which the lines of a table are easiest to read: that of the largest amount. */
export function scaleOf(lines: readonly Line[]): Scale {
  const money = lines.filter(({ unit }) => unit === 'money').flatMap(({ values }) => Object.values(values));
  const unit = tableUnit(money);
  return unit === 'bn' ? 'm' : unit;
}

/** A figure as a cell of a table shows it: no currency in it, negative amounts in brackets. */
export function cellText(value: string | null, unit: Unit, currency: string, scale: Scale): string {
  if (value === null) return NA;
  if (unit === 'ratio') return formatPercent(value);
  if (unit === 'multiple') return formatMultiple(value);
  if (unit === 'months') return formatMoney(value, { bare: true, dp: 1 });
  if (unit === 'count') return Number.isInteger(Number(value)) ? formatInt(value) : formatQuantity(value);
  const dp = scale === 'full' ? undefined : scale === 'k' ? 0 : 2;
  return formatMoney(value, { currency, unit: scale, dp, bare: true, negative: 'parens' });
}

/** A figure with all its digits and its unit, as it stands alone. */
export function wholeText(value: string | null, unit: Unit, currency: string | null): string {
  if (value === null) return NA;
  if (unit === 'ratio') return formatPercent(value, { dp: 2 });
  if (unit === 'multiple') return formatMultiple(value, 2);
  if (unit === 'months') return `${formatMoney(value, { bare: true, dp: 1 })} months`;
  if (unit === 'count') return formatQuantity(value);
  return `${formatMoney(value, { currency: currency ?? 'USD', bare: true })} ${currency ?? ''}`.trim();
}

/** The label of the period so many steps later, in the fiscal years it is counted by; null where it has none. */
export function laterPeriod(label: string, steps = 1): string | null {
  const found = /^(\d{4})(?:-(Q?)(\d{1,2}))?$/.exec(label);
  if (!found) return null;
  const [, year, quarter, number] = found;
  if (number === undefined) return String(Number(year) + steps);
  const per = quarter ? 4 : 12;
  const at = Number(year) * per + Number(number) - 1 + steps;
  const rest = (at % per) + 1;
  return `${Math.floor(at / per)}-${quarter ? `Q${rest}` : String(rest).padStart(2, '0')}`;
}

/** The last finished period of a kind by the calendar, for a company that has reported nothing yet. */
export function lastPeriod(kind: 'month' | 'quarter' | 'year', today: string): string {
  const [year, month] = today.split('-').map(Number) as [number, number];
  if (kind === 'year') return String(year - 1);
  const now = kind === 'quarter' ? `${year}-Q${Math.ceil(month / 3)}` : today.slice(0, 7);
  return laterPeriod(now, -1)!;
}

export interface TreeRow {
  line: Line;
  depth: number;
  /** Lines are added up in it. */
  parent: boolean;
}

/** Lines in the order of the statement with how deep they lie; what belongs to a folded line is left out. */
export function treeOf(lines: readonly Line[], folded: ReadonlySet<string>): TreeRow[] {
  const above = new Map(lines.map((line) => [line.metric, line.part_of]));
  const parents = new Set(above.values());
  const chain = (metric: string): string[] => {
    const part = above.get(metric);
    return part ? [part, ...chain(part)] : [];
  };
  return lines.flatMap((line) => {
    const over = chain(line.metric);
    if (over.some((metric) => folded.has(metric))) return [];
    return [{ line, depth: over.length, parent: parents.has(line.metric) }];
  });
}

/** What is typed: metric → period → text. */
export type Drafts = Readonly<Record<string, Readonly<Record<string, string>>>>;

export function withDraft(drafts: Drafts, metric: string, period: string, text: string): Drafts {
  return { ...drafts, [metric]: { ...drafts[metric], [period]: text } };
}

/** A figure as it is typed: a ratio in percent, everything else in full. */
export function typedText(value: string | null | undefined, unit: Unit): string {
  if (value === null || value === undefined) return '';
  if (unit === 'ratio') return `${fractionToPercent(value)}%`;
  return formatQuantity(value).replace('\u2212', '-');
}

/** What was typed as the API takes it; "" takes the figure back, null cannot be read. */
export function readTyped(text: string, unit: Unit): string | null {
  if (text.trim() === '') return '';
  return unit === 'ratio' ? parsePercent(text) : parseAmount(text);
}

export interface Change {
  line: Line;
  period: string;
  before: Cell | undefined;
  /** The new figure, "" to take the old one back, null where it cannot be read. */
  value: string | null;
}

/** The drafts that say something else than what is recorded. */
export function changesOf(drafts: Drafts, lines: readonly Line[]): Change[] {
  return lines.flatMap((line) =>
    Object.entries(drafts[line.metric] ?? {}).flatMap(([period, text]) => {
      const before = line.cells[period];
      const value = readTyped(text, line.unit);
      const same = value === '' ? before?.value == null : toNumber(value) === toNumber(before?.value ?? null);
      return same && value !== null ? [] : [{ line, period, before, value }];
    }),
  );
}

/** Why a figure cannot be typed over here; null where it can. */
export function fixed(line: Line, cell: Cell | undefined): string | null {
  if (line.kind === 'derived') return 'computed';
  if (cell?.made === 'months' || cell?.made === 'quarters' || cell?.made === 'year')
    return 'made of shorter periods: correct it there';
  const ladder = cell?.explain?.['ladder'];
  if (Array.isArray(ladder) && ladder.length > 0) return 'reported in another currency';
  return null;
}

/** Where a reported figure comes from. */
export const SOURCES: Record<string, string> = {
  form: 'by the request’s form',
  import: 'from a file',
  document: 'from a document',
  api: 'typed in or sent by a program',
  integration: 'from a connection',
};

/** What the grid says of a figure besides its digits: where it comes from, and at what rate. */
export function toldOf(cell: Cell | undefined): string | undefined {
  const said = [
    cell?.source && (SOURCES[cell.source] ?? cell.source),
    cell?.stale && 'converted at a rate older than it should be',
  ].filter(Boolean);
  return said.length > 0 ? said.join(', ') : undefined;
}

/** A block of copied cells, from a cell on: the drafts with it. */
export function withPaste(
  drafts: Drafts,
  text: string,
  from: { metric: string; period: string },
  rows: readonly Line[],
  periods: readonly string[],
): Drafts {
  const [top, left] = [rows.findIndex(({ metric }) => metric === from.metric), periods.indexOf(from.period)];
  let made = drafts;
  text
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
    .forEach((row, down) =>
      row.split('\t').forEach((cell, right) => {
        const line = rows[top + down];
        const period = periods[left + right];
        if (line && period && fixed(line, line.cells[period]) === null)
          made = withDraft(made, line.metric, period, cell.trim());
      }),
    );
  return made;
}

/** Why there is no figure: "missing: cash_balance" reads "Cash is missing", or "Cash balance is missing". */
export function reasonText(reason: string, labels?: ReadonlyMap<string, string>): string {
  const metric = /^missing: ([a-z][a-z0-9_]*)$/.exec(reason)?.[1];
  return metric === undefined ? reason : `${labels?.get(metric) ?? humanise(metric)} is missing`;
}
