import { useCallback, useMemo } from 'react';
import type { Projection } from '@/api/types';
import { formatDate, formatPercent } from '@/lib/format';
import { Chart, type ChartColumn, type LegendItem, tipHtml, tipStyle, type VizTokens } from '@/ui';
import { periodAxis, shareAxis } from '../axes';
import { type Curve, curvesOf } from './shapes';

const KNOWN = 'Paid';
const AHEAD = 'Forecast';
const LEGEND: LegendItem[] = [
  { name: KNOWN, colour: 1, shape: 'line' },
  { name: AHEAD, colour: 1, shape: 'dash' },
];
/** A tooltip of more cohorts would not fit. */
const TOLD = 10;

interface Point {
  month: string;
  period: number;
  share: number;
  ahead: boolean;
}

const COLUMNS: ChartColumn<Point>[] = [
  { header: 'Cohort', value: (row) => row.month, text: (row) => formatDate(row.month, 'month') },
  { header: 'Period', value: (row) => row.period, text: (row) => `M${row.period}`, numeric: true },
  {
    header: 'Payments ÷ spend',
    value: (row) => row.share,
    text: (row) => formatPercent(row.share),
    numeric: true,
  },
  {
    header: 'Forecast',
    value: (row) => (row.ahead ? 'yes' : 'no'),
    text: (row) => (row.ahead ? 'yes' : 'no'),
  },
];

/** Every cohort's payments so far as a share of its spend; the newest cohorts are drawn strongest. */
export function CurvesChart({ data }: { data: Projection }) {
  const curves = useMemo(() => curvesOf(data.cohorts), [data]);
  const option = useCallback(
    (t: VizTokens, narrow: boolean, hidden: ReadonlySet<string>) => draw(t, narrow, hidden, curves),
    [curves],
  );
  return (
    <Chart
      title="All cohorts"
      subtitle="Cumulative payments ÷ spend, by months since the cohort; the newer, the stronger"
      summary={summary(curves)}
      fileName="cohort-curves"
      size="l"
      rows={points(curves)}
      columns={COLUMNS}
      option={option}
      legend={LEGEND}
    />
  );
}

const at = ({ known, ahead }: Curve, period: number): number | null => known[period] ?? ahead[period] ?? null;

const points = (curves: readonly Curve[]): Point[] =>
  curves.flatMap((curve) =>
    curve.known.map((known, period) => ({
      month: curve.month,
      period,
      share: at(curve, period)!,
      ahead: known === null,
    })),
  );

function summary(curves: readonly Curve[]): string {
  const ends = curves.flatMap((curve) => at(curve, curve.known.length - 1) ?? []);
  if (ends.length === 0) return 'No cohort has both spend and payments.';
  return `${ends.length} cohorts reach ${formatPercent(Math.min(...ends))} to ${formatPercent(Math.max(...ends))} of their spend.`;
}

function draw(t: VizTokens, narrow: boolean, hidden: ReadonlySet<string>, curves: readonly Curve[]) {
  const longest = Math.max(1, ...curves.map(({ known }) => known.length));
  const colour = t.viz[0];
  const series = curves.flatMap((curve, index) => {
    const opacity = 0.3 + (0.7 * (index + 1)) / curves.length;
    const line = { type: 'line' as const, silent: true, symbol: 'none', itemStyle: { color: colour } };
    return [
      {
        ...line,
        name: AHEAD,
        data: curve.ahead,
        lineStyle: { width: 1.25, color: colour, opacity: opacity * 0.7, type: [4, 4] as number[] },
      },
      { ...line, name: KNOWN, data: curve.known, lineStyle: { width: 1.75, color: colour, opacity } },
    ];
  });
  const tip = (hovered: unknown) => {
    const period = (hovered as { dataIndex: number }[])[0]!.dataIndex;
    const rows = [...curves].reverse().flatMap((curve) => {
      const share = at(curve, period);
      const note = curve.known[period] === null ? ', forecast' : '';
      return share === null ? [] : [[formatDate(curve.month, 'month'), formatPercent(share) + note] as const];
    });
    const more = rows.length > TOLD ? [[`and ${rows.length - TOLD} more`, ''] as const] : [];
    return tipHtml(`Month ${period}`, [...rows.slice(0, TOLD), ...more]);
  };
  return {
    textStyle: { fontFamily: t.font },
    grid: { left: 52, right: narrow ? 12 : 20, top: 12, bottom: 30 },
    tooltip: {
      ...tipStyle(t),
      trigger: 'axis' as const,
      axisPointer: { type: 'line' as const, lineStyle: { color: t.axis, type: 'solid' as const } },
      formatter: tip,
    },
    xAxis: periodAxis(t, longest, narrow),
    yAxis: shareAxis(t),
    series: series.filter(({ name }) => !hidden.has(name)),
  };
}
