/** Where a rate is from. */
export const RATE_SOURCES: Record<string, string> = {
  ecb: 'the ECB’s rate',
  manual: 'your manual rate',
  contractual: 'your contractual rate',
  mixed: 'published and manual rates',
  same: 'one currency',
};

/** Six significant digits and more where there are: 1.353835, 0.00731. */
export function rateText(rate: string): string {
  const number = Number(rate);
  if (!Number.isFinite(number) || number === 0) return rate;
  const places = Math.max(0, 6 - Math.max(0, Math.floor(Math.log10(Math.abs(number)))));
  return number.toLocaleString('en-US', { maximumFractionDigits: Math.min(12, places) });
}
