import { useCallback, useMemo } from 'react';
import type { CohortTotals } from '@/api/types';
import { formatPercent } from '@/lib/format';
import { Chart, type ChartColumn, type LegendItem, tipHtml, tipStyle, type VizTokens } from '@/ui';
import { periodAxis, shareAxis } from '../axes';
import { newestVintages, vintageLines, type VintagePoint, vintagePoints } from './vintages';

type Vintages = CohortTotals['vintages'];

const COLUMNS: ChartColumn<VintagePoint>[] = [
  { header: 'Vintage', value: (row) => row.year, text: (row) => String(row.year) },
  { header: 'Period', value: (row) => row.period, text: (row) => `M${row.period}`, numeric: true },
  { header: 'Trades', value: (row) => row.trades, text: (row) => String(row.trades), numeric: true },
  {
    header: 'Collected ÷ outlay',
    value: (row) => row.ratio,
    text: (row) => formatPercent(row.ratio),
    numeric: true,
  },
];

/** How fast each year's trades bring the outlay back; dashed where only the older trades of the year are known. */
export function VintageChart({ vintages }: { vintages: Vintages }) {
  const drawn = useMemo(() => newestVintages(vintages), [vintages]);
  const option = useCallback(
    (t: VizTokens, narrow: boolean, hidden: ReadonlySet<string>) => draw(t, narrow, hidden, drawn),
    [drawn],
  );
  const legend = drawn.map(({ year }, index): LegendItem => ({
    name: String(year),
    colour: (index + 1) as 1,
    shape: 'line',
  }));
  return (
    <Chart
      title="Vintages"
      subtitle="Collected ÷ outlay by months since the cohort; dashed: not all trades of the year are that old"
      summary={summary(drawn)}
      fileName="vintages"
      rows={vintagePoints(vintages)}
      columns={COLUMNS}
      option={option}
      legend={legend}
    />
  );
}

function summary(vintages: Vintages): string {
  return vintages
    .map(({ year, periods }) => {
      const last = periods[periods.length - 1];
      return last
        ? `${year}: ${formatPercent(last.collected_to_outlay)} collected by month ${last.period}.`
        : `${year}: nothing is known yet.`;
    })
    .join(' ');
}

function draw(t: VizTokens, narrow: boolean, hidden: ReadonlySet<string>, vintages: Vintages) {
  const longest = Math.max(1, ...vintages.map(({ periods }) => periods.length));
  const shown = vintages.filter(({ year }) => !hidden.has(String(year)));
  const series = shown.flatMap((one) => {
    const colour = t.viz[vintages.indexOf(one)]!;
    const { whole, part } = vintageLines(one);
    const line = {
      type: 'line' as const,
      name: String(one.year),
      symbolSize: 5,
      itemStyle: { color: colour },
      z: 3,
    };
    return [
      {
        ...line,
        data: part,
        symbol: 'none',
        lineStyle: { width: 2, color: colour, type: [5, 4] as number[] },
      },
      { ...line, data: whole, symbol: 'circle', lineStyle: { width: 2.25, color: colour } },
    ];
  });
  const tip = (points: unknown) => {
    const period = (points as { dataIndex: number }[])[0]!.dataIndex;
    const rows = shown.flatMap(({ year, trades, periods }) => {
      const at = periods[period];
      const of = at && at.trades < trades ? ` (${at.trades} of ${trades} trades)` : '';
      return at ? [[String(year), formatPercent(at.collected_to_outlay) + of] as const] : [];
    });
    return tipHtml(`Month ${period}`, rows);
  };
  return {
    textStyle: { fontFamily: t.font },
    grid: { left: 52, right: narrow ? 12 : 20, top: 12, bottom: 30 },
    tooltip: { ...tipStyle(t), trigger: 'axis' as const, formatter: tip },
    xAxis: periodAxis(t, longest, narrow),
    yAxis: shareAxis(t),
    series,
  };
}
