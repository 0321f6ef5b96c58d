export type CsvValue = string | number | boolean | null | undefined;

/** RFC 4180 with CRLF. Text that a spreadsheet would run as a formula is prefixed; numbers are left alone. */
export function toCsv(header: string[], rows: CsvValue[][]): string {
  return `${[header, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

function cell(value: CsvValue): string {
  if (value === null || value === undefined) return '';
  let text = String(value);
  const formula = /^'*(?:[\t\r\n]| *[=+\-@＝＋－＠])/.test(text) && !/^-?\d+(\.\d+)?$/.test(text);
  if (typeof value === 'string' && formula) text = `'${text}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Hands the file to the browser. The byte order mark makes Excel read it as UTF-8. */
export function downloadCsv(name: string, csv: string): void {
  downloadBlob(name, new Blob(['\ufeff', csv], { type: 'text/csv;charset=utf-8' }));
}

/** Hands a file to the browser. */
export function downloadBlob(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  Object.assign(document.createElement('a'), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
