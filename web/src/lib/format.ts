/**
 * The only place that turns a number into text. Amounts arrive as decimal strings and are formatted here for
 * display; arithmetic on money happens on the server. A missing value is never shown as zero.
 */
export type Numeric = string | number | null | undefined;
export type Unit = 'auto' | 'full' | 'k' | 'm' | 'bn';
export type FixedUnit = Exclude<Unit, 'auto'>;
export type Negative = 'minus' | 'parens';

export interface MoneyOptions {
  currency?: string;
  unit?: Unit;
  /** Decimals; by default what the unit or the currency asks for. */
  dp?: number;
  negative?: Negative;
  /** Show a plus before a positive amount. */
  sign?: boolean;
  locale?: string;
  symbol?: boolean;
  /** No symbol and no suffix: for a column whose header carries the unit. */
  bare?: boolean;
}

export const NA = '–';
const MINUS = '\u2212';
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DIVISORS: Record<FixedUnit, [number, string]> = {
  full: [1, ''],
  k: [1e3, 'k'],
  m: [1e6, 'm'],
  bn: [1e9, 'bn'],
};

const formats = new Map<string, Intl.NumberFormat>();

/** A number format, kept: making one costs far more than using it. */
export function numberFormat(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = locale + JSON.stringify(options);
  let format = formats.get(key);
  if (!format) formats.set(key, (format = new Intl.NumberFormat(locale, options)));
  return format;
}

/** The number to draw or compare with; null where there is none. Never for arithmetic on money. */
export function toNumber(value: Numeric): number | null {
  if (value === null || value === undefined || value === '') return null;
  const number = typeof value === 'number' ? value : Number(value);
  return Number.isFinite(number) ? number : null;
}

export function pickUnit(largest: number): FixedUnit {
  if (largest >= 999.95e6) return 'bn';
  if (largest >= 999.5e3) return 'm';
  if (largest >= 1e4) return 'k';
  return 'full';
}

/** One unit for a whole column or row of tiles: the largest value decides. */
export function commonUnit(values: readonly Numeric[]): FixedUnit {
  return pickUnit(Math.max(0, ...values.map((value) => Math.abs(toNumber(value) ?? 0))));
}

/** The unit of a table's column: millions at most, so that small rows beside large ones still show digits. */
export function tableUnit(values: readonly Numeric[]): FixedUnit {
  const unit = commonUnit(values);
  return unit === 'bn' ? 'm' : unit;
}

/** "$m" or "€": what the header of a column of money says. */
export function unitLabel(currency: string, unit: FixedUnit, locale = 'en-US'): string {
  const parts = numberFormat(locale, money(currency)).formatToParts(0);
  const symbol = parts.find((part) => part.type === 'currency')?.value ?? currency;
  return symbol + DIVISORS[unit][1];
}

export function currencyDigits(currency: string): number {
  return numberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

function money(currency: string): Intl.NumberFormatOptions {
  return { style: 'currency', currency, currencyDisplay: 'narrowSymbol' };
}

function fixed(digits: number): Intl.NumberFormatOptions {
  return { minimumFractionDigits: digits, maximumFractionDigits: digits };
}

/** Puts the sign in front of the currency symbol, and never shows a signed zero. */
function wrap(body: string, number: number, negative: Negative, sign: boolean): string {
  if (!/[1-9]/.test(body)) return body;
  if (number < 0) return negative === 'parens' ? `(${body})` : MINUS + body;
  return sign ? `+${body}` : body;
}

export function formatMoney(value: Numeric, options: MoneyOptions = {}): string {
  const { currency = 'USD', unit = 'full', dp, negative = 'minus', sign = false, locale = 'en-US' } = options;
  const { symbol = true, bare = false } = options;
  const number = toNumber(value);
  if (number === null) return NA;
  const size = unit === 'auto' ? pickUnit(Math.abs(number)) : unit;
  const [divisor, suffix] = DIVISORS[size];
  const digits = dp ?? (size === 'full' ? currencyDigits(currency) : size === 'k' && !bare ? 0 : 1);
  const style = symbol && !bare ? money(currency) : {};
  const format = numberFormat(locale, { ...fixed(digits), ...style });
  const body = divisor === 1 ? exact(format, value) : format.format(Math.abs(number) / divisor);
  return wrap(body + (bare ? '' : suffix), number, negative, sign);
}

/** Formats the digits of a decimal string as they are: a double would lose the last ones of a large amount. */
function exact(format: Intl.NumberFormat, value: Numeric): string {
  if (typeof value === 'string') return format.format(value.trim().replace(/^[+-]/, '') as `${number}`);
  return format.format(Math.abs(Number(value)));
}

/** 1.84x: two decimals under 10, one above. */
export function formatMultiple(value: Numeric, dp?: number): string {
  const number = toNumber(value);
  if (number === null) return NA;
  const digits = dp ?? (Math.abs(number) >= 9.995 ? 1 : 2);
  return wrap(`${numberFormat('en-US', fixed(digits)).format(Math.abs(number))}x`, number, 'minus', false);
}

/** The API sends fractions (0.234); the screen shows 23.4%. */
export function formatPercent(
  value: Numeric,
  { dp = 1, sign = false, negative = 'minus' as Negative } = {},
): string {
  const number = toNumber(value);
  if (number === null) return NA;
  if (Math.abs(number) >= 10) return wrap('>999%', number, negative, false);
  const body = `${numberFormat('en-US', fixed(dp)).format(Math.abs(number) * 100)}%`;
  return wrap(body, number, negative, sign);
}

export function formatBps(value: Numeric): string {
  const number = toNumber(value);
  if (number === null) return NA;
  const body = numberFormat('en-US', { maximumFractionDigits: 0 }).format(Math.abs(number) * 1e4);
  return wrap(`${body} bps`, number, 'minus', true);
}

export function formatInt(value: Numeric): string {
  const number = toNumber(value);
  if (number === null) return NA;
  const body = numberFormat('en-US', { maximumFractionDigits: 0 }).format(Math.abs(number));
  return wrap(body, number, 'minus', false);
}

/** A quantity or a price: all its decimals, grouped, without trailing zeros. */
export function formatQuantity(value: Numeric): string {
  const number = toNumber(value);
  if (number === null) return NA;
  return wrap(exact(numberFormat('en-US', { maximumFractionDigits: 10 }), value), number, 'minus', false);
}

/** Dates are calendar dates (YYYY-MM-DD). They are split, never passed to `new Date`: no time zone can move them. */
export function formatDate(
  iso: string | null | undefined,
  style: 'day' | 'month' | 'quarter' | 'short' = 'day',
): string {
  if (!iso) return NA;
  const [year, month, day] = iso.slice(0, 10).split('-').map(Number) as [number, number, number];
  if (style === 'month') return `${MONTHS[month - 1]} ${year}`;
  if (style === 'quarter') return `Q${Math.ceil(month / 3)} ${year}`;
  if (style === 'short') return `${day} ${MONTHS[month - 1]}`;
  return `${day} ${MONTHS[month - 1]} ${year}`;
}

/** An instant (UTC, with Z) in the reader's own zone. */
export function formatInstant(iso: string | null | undefined): string {
  if (!iso) return NA;
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return NA;
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${at.getDate()} ${MONTHS[at.getMonth()]} ${at.getFullYear()}`;
  return `${day}, ${two(at.getHours())}:${two(at.getMinutes())}`;
}

const ACRONYMS = /\b(api|nav|irr|ebitda|ebit|arr|mrr|dcf|opm|moic|tvpi|dpi|rvpi|pic)(s?)\b/g;

const CURRENCY_NAMES = new Intl.DisplayNames('en', { type: 'currency' });

/** CHF becomes "Swiss Franc". */
export const currencyName = (code: string): string => CURRENCY_NAMES.of(code) ?? code;

/** capital_call becomes "Capital call", reported_nav "Reported NAV". */
export function humanise(code: string | null | undefined): string {
  if (!code) return NA;
  const spaced = code.replaceAll(/[_-]+/g, ' ').trim();
  const words = spaced.replaceAll(ACRONYMS, (_, short: string, many: string) => short.toUpperCase() + many);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A file's size as people say it: 1.2 MB. */
export function formatBytes(count: number): string {
  if (count < 1000) return `${count} B`;
  const [divisor, unit] = count < 999_500 ? [1e3, 'KB'] : [1e6, 'MB'];
  const size = count / divisor;
  return `${numberFormat('en-US', { maximumFractionDigits: size < 9.95 ? 1 : 0 }).format(size)} ${unit}`;
}

/** "2024-Q1" reads "Q1 2024", "2024-03" "Mar 2024", "LTM-2024-03" "LTM Mar 2024". */
export function periodText(label: string): string {
  const quarter = /^(\d{4})-Q([1-4])$/.exec(label);
  if (quarter) return `Q${quarter[2]} ${quarter[1]}`;
  const month = /^(LTM-)?(\d{4})-(\d{2})$/.exec(label);
  if (!month) return label;
  return `${month[1] ? 'LTM ' : ''}${formatDate(`${month[2]}-${month[3]}-01`, 'month')}`;
}
