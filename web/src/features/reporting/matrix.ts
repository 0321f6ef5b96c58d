import { formatDate, formatPercent, periodText, toNumber } from '@/lib/format';
import { wholeText } from './figures';
import type { MatrixCell, MatrixCompany, MatrixMetric } from './queries';

export const STATUSES: Record<MatrixCell['status'], string> = {
  ahead: 'better than plan',
  on_plan: 'on plan',
  behind: 'worse than plan',
  no_plan: 'no plan',
  missing: 'not reported',
};

/** "+4.1%", or for a ratio, whose change is a difference, "+4.1 pp". */
export function changeText(change: string | null, unit: MatrixMetric['unit']): string | null {
  if (change === null) return null;
  const text = formatPercent(change, { sign: true });
  return unit === 'ratio' ? text.replace('%', ' pp') : text;
}

/** All about a cell in a sentence, for whoever points at it or hears it. */
export function cellSays(company: MatrixCompany, metric: MatrixMetric, cell: MatrixCell): string {
  const currency = metric.unit === 'money' ? company.currency : null;
  const value = cell.value === null ? 'not reported' : wholeText(cell.value, metric.unit, currency);
  const against = changeText(cell.against_plan, metric.unit);
  const onYear = changeText(cell.change_on_year, metric.unit);
  return [
    `${company.name}, ${metric.label}, ${company.period ? periodText(company.period) : ''}: ${value}`,
    cell.is_draft && cell.value !== null && 'a draft',
    against && `${against} against plan, ${STATUSES[cell.status]}`,
    onYear && `${onYear} on the year before`,
  ]
    .filter(Boolean)
    .join('; ');
}

export interface MatrixFilter {
  q?: string;
  sort?: string;
  sector?: string[];
  status?: string[];
}

/** Whether a company has a figure in one of these states; an alert counts as one. */
function isIn(company: MatrixCompany, status: string[], alerts: ReadonlyMap<string, string>): boolean {
  return Object.entries(company.cells).some(
    ([metric, cell]) =>
      status.includes(cell.status) ||
      (status.includes('alert') && alerts.has(`${company.company_id}@${metric}`)),
  );
}

/** The companies that are looked for, in the order asked for; what has no figure comes last either way. */
export function arranged(
  companies: readonly MatrixCompany[],
  { q, sort = 'name', sector, status }: MatrixFilter,
  alerts: ReadonlyMap<string, string>,
): MatrixCompany[] {
  const text = q?.trim().toLowerCase();
  const shown = companies.filter(
    (one) =>
      (!text || one.name.toLowerCase().includes(text)) &&
      (!sector?.length || sector.includes(one.sector ?? '')) &&
      (!status?.length || isIn(one, status, alerts)),
  );
  const down = sort.startsWith('-');
  const field = sort.replace(/^-/, '');
  if (field === 'name' || field === 'sector') {
    const by = (one: MatrixCompany) => (field === 'name' ? one.name : `${one.sector ?? '~'} ${one.name}`);
    return [...shown].sort((a, b) => by(a).localeCompare(by(b)) * (down ? -1 : 1));
  }
  const value = (one: MatrixCompany) => toNumber(one.cells[field]?.value ?? null);
  return [...shown].sort((a, b) => {
    const [left, right] = [value(a), value(b)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return (left - right) * (down ? -1 : 1);
  });
}

/** "Q2 2026, to 30 Jun 2026". */
export const periodSays = (period: { period: string; ends_on: string }): string =>
  `${periodText(period.period)}, to ${formatDate(period.ends_on)}`;
