import { toNumber } from '@/lib/format';
import type { Kpis, Line, Scenario, Unit } from './queries';

export interface KpiPoint {
  period: string;
  actual: string | null;
  budget: string | null;
  forecast: string | null;
  /** The actual figure is one that nobody has sent yet. */
  isDraft: boolean;
}

/** A key figure across the periods of all three scenarios. */
export interface KpiSeries {
  metric: string;
  label: string;
  unit: Unit;
  points: KpiPoint[];
}

type Views = Partial<Record<Scenario, Kpis>>;

/** Every period any scenario has, in their order, by label and last day. */
export function periodsOf(views: Views): { period: string; ends_on: string }[] {
  const all = new Map<string, string>();
  for (const view of Object.values(views)) for (const one of view.periods) all.set(one.period, one.ends_on);
  return [...all]
    .map(([period, ends_on]) => ({ period, ends_on }))
    .sort((a, b) => a.ends_on.localeCompare(b.ends_on));
}

/** The key figures with actual, budget and forecast beside each other, in the order of the definitions. */
export function seriesOf(views: Views, periods: readonly { period: string }[]): KpiSeries[] {
  const lines = new Map<string, Partial<Record<Scenario, Line>>>();
  const about = new Map<string, Line>();
  for (const [scenario, view] of Object.entries(views) as [Scenario, Kpis][])
    for (const line of view.rows) {
      lines.set(line.metric, { ...lines.get(line.metric), [scenario]: line });
      about.set(line.metric, about.get(line.metric) ?? line);
    }
  return [...about.values()]
    .map(({ metric, label, unit }) => ({
      metric,
      label,
      unit,
      points: periods.map(({ period }) => ({
        period,
        actual: lines.get(metric)?.actual?.values[period] ?? null,
        budget: lines.get(metric)?.budget?.values[period] ?? null,
        forecast: lines.get(metric)?.forecast?.values[period] ?? null,
        isDraft: lines.get(metric)?.actual?.cells[period]?.status === 'draft',
      })),
    }))
    .filter(({ points }) => points.some((one) => one.actual ?? one.budget ?? one.forecast));
}

/** From where to where an axis goes: from nought, unless there is something below it. */
export function boundsOf({ points }: KpiSeries): { min: number; max: number } {
  const values = points
    .flatMap(({ actual, budget, forecast }) => [actual, budget, forecast])
    .flatMap((one) => toNumber(one) ?? []);
  return { min: Math.min(0, ...values), max: Math.max(0, ...values) };
}

/** The newest figure that was reported, and the one before it. */
export function newest({ points }: KpiSeries): { now: KpiPoint | undefined; before: KpiPoint | undefined } {
  const told = points.filter(({ actual }) => actual !== null);
  return { now: told[told.length - 1], before: told[told.length - 2] };
}
