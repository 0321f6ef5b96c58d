/**
 * Reads what people type and paste as an amount and gives back a plain decimal string, exactly: no float is made on
 * the way. Understands `1,250,000.50`, `1.250.000,50`, `1.25m`, `(500)`, `-500`, `−500` and currency symbols or codes
 * around the figure. Gives null for anything it cannot read without guessing.
 */
const SHIFTS: Record<string, number> = { k: 3, m: 6, mn: 6, mm: 6, b: 9, bn: 9 };

export function parseAmount(input: string): string | null {
  const plain = input
    .trim()
    .replaceAll(/[\s\u00a0\u202f'’_]/g, '')
    .replaceAll('\u2212', '-');
  const bracketed = /^\((.+)\)$/.exec(plain);
  const body = (bracketed?.[1] ?? plain).replaceAll(/\p{Sc}/gu, '');
  const match = /^([+-]?)([A-Z]{3})?([+-]?)([\d.,]+)([a-z]{0,2})([A-Z]{3})?$/.exec(lowerSuffix(body));
  if (!match || (match[1] && match[3])) return null;
  const digits = separators(match[4]!);
  const shift = match[5] ? SHIFTS[match[5]] : 0;
  if (digits === null || shift === undefined) return null;
  const sign = match[1] || match[3] || '';
  if (bracketed && sign) return null;
  const moved = move(digits, shift);
  return (bracketed || sign === '-') && /[1-9]/.test(moved) ? `-${moved}` : moved;
}

/** As parseAmount, for a share typed in percent: `12.5` and `12.5%` are "0.125". */
export function parsePercent(input: string): string | null {
  const amount = parseAmount(input.trim().replace(/%$/, ''));
  return amount === null ? null : move(amount, -2);
}

/** "0.125" as "12.5", for a field that asks in percent. */
export function fractionToPercent(fraction: string | null | undefined): string {
  return fraction ? move(fraction, 2) : '';
}

/** A single K, M or B after the figure is a scale, three capitals are a currency. */
function lowerSuffix(text: string): string {
  return text.replace(/(?<=\d)(K|M|B|MN|MM|BN|Mn|Bn)$/, (suffix) => suffix.toLowerCase());
}

/** Works out which separator marks the decimals; null when the text is ambiguous or malformed. */
function separators(text: string): string | null {
  if (!/\d/.test(text)) return null;
  const commas = text.split(',').length - 1;
  const points = text.split('.').length - 1;
  if (commas && points) {
    const decimal = text.lastIndexOf(',') > text.lastIndexOf('.') ? ',' : '.';
    return grouped(text, decimal === ',' ? '.' : ',', decimal);
  }
  if (points > 1) return grouped(text, '.', ',');
  if (commas > 1) return grouped(text, ',', '.');
  // One comma: three digits behind it are a group (1,250), anything else decimals (12,5).
  if (commas === 1) return /^[1-9]\d{0,2},\d{3}$/.test(text) ? text.replace(',', '') : text.replace(',', '.');
  return text;
}

function grouped(text: string, group: string, decimal: string): string | null {
  const [whole = '', fraction, ...rest] = text.split(decimal);
  const groups = whole.split(group);
  const tidy = groups.slice(1).every((part) => /^\d{3}$/.test(part)) && /^\d{1,3}$/.test(groups[0]!);
  if (rest.length || !tidy || fraction?.includes(group)) return null;
  return groups.join('') + (fraction ? `.${fraction}` : '');
}

/** Moves the decimal point by whole places, in text. */
function move(text: string, places: number): string {
  const sign = text.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = text.replace(/^-/, '').split('.');
  const digits = whole + fraction;
  const point = whole.length + places;
  const padded = point < 0 ? '0'.repeat(-point) + digits : digits.padEnd(point, '0');
  const at = Math.max(point, 0);
  const left = padded.slice(0, at).replace(/^0+(?=\d)/, '') || '0';
  const right = padded.slice(at);
  const tail = places === 0 ? right : right.replace(/0+$/, '');
  return sign + left + (tail ? `.${tail}` : '');
}
