import { useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { formatDate } from '@/lib/format';
import {
  axisText,
  Card,
  Chart,
  EmptyBlock,
  ErrorBlock,
  LoadingBlock,
  SegmentedControl,
  tipHtml,
  tipStyle,
  useCut,
  type VizTokens,
} from '@/ui';
import { type FxSeries, seriesQuery } from './queries';
import { rateText } from '@/lib/rates';

const RANGES: Record<string, number> = { '1Y': 1, '5Y': 5, '10Y': 10 };
type Point = FxSeries['items'][number];

/** The rate of a pair over time: only days that have one are drawn. */
export function PairChart({ from, to, today }: { from: string; to: string; today: string }) {
  const { as_of, known_at } = useCut();
  const [range, setRange] = useState('1Y');
  const end = as_of ?? today;
  const start = `${Number(end.slice(0, 4)) - RANGES[range]!}-${end.slice(5, 7)}-01`;
  const series = useQuery(seriesQuery({ base: from, quote: to, start, end, known_at }));
  const rows = series.data?.items;
  const option = useCallback(
    (t: VizTokens, narrow: boolean) => draw(t, narrow, rows ?? [], `${from}/${to}`),
    [rows, from, to],
  );
  return (
    <Card>
      {series.isError ? (
        <ErrorBlock error={series.error} what="the rates" onRetry={() => void series.refetch()} />
      ) : !rows ? (
        <LoadingBlock size="m" label="rates" />
      ) : rows.length === 0 ? (
        <EmptyBlock title="No rates in this time" hint="Choose another pair, or record a rate of your own." />
      ) : (
        <Chart
          title={`${from}/${to}`}
          subtitle={`${to} for one ${from}, each day that has a rate`}
          size="l"
          summary={summary(rows, from, to)}
          fileName={`${from}-${to}`.toLowerCase()}
          rows={rows}
          columns={[
            { header: 'Day', value: (row) => row.on, text: (row) => formatDate(row.on) },
            { header: 'Rate', value: (row) => row.rate, text: (row) => rateText(row.rate), numeric: true },
          ]}
          option={option}
          controls={
            <SegmentedControl
              data={Object.keys(RANGES)}
              value={range}
              onChange={setRange}
              aria-label="Range"
            />
          }
        />
      )}
    </Card>
  );
}

function summary(rows: Point[], from: string, to: string): string {
  const rates = rows.map(({ rate }) => Number(rate));
  const last = rows[rows.length - 1]!;
  return (
    `One ${from} was ${rateText(last.rate)} ${to} on ${formatDate(last.on)}; ` +
    `between ${rateText(String(Math.min(...rates)))} and ${rateText(String(Math.max(...rates)))} in this time.`
  );
}

function draw(t: VizTokens, narrow: boolean, rows: Point[], name: string) {
  const days = rows.map(({ on }) => on);
  const firstOfMonth = new Set(
    days.flatMap((day, index) => (day.slice(0, 7) === days[index - 1]?.slice(0, 7) ? [] : [index])),
  );
  const every = Math.max(1, Math.ceil(firstOfMonth.size / (narrow ? 3 : 7)));
  const shown = new Set([...firstOfMonth].filter((_, position) => position % every === 0));
  const tip = (points: unknown) => {
    const row = rows[(points as { dataIndex: number }[])[0]!.dataIndex]!;
    return tipHtml(formatDate(row.on), [[name, rateText(row.rate)]]);
  };
  return {
    textStyle: { fontFamily: t.font },
    grid: { left: 58, right: narrow ? 24 : 36, top: 12, bottom: 28 },
    tooltip: {
      ...tipStyle(t),
      trigger: 'axis' as const,
      axisPointer: { type: 'line' as const, lineStyle: { color: t.axis, type: 'solid' as const } },
      formatter: tip,
    },
    xAxis: {
      type: 'category' as const,
      data: days,
      boundaryGap: false,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: t.axis } },
      axisLabel: {
        ...axisText(t),
        interval: (index: number) => shown.has(index),
        formatter: (day: string) => formatDate(day, 'month'),
      },
    },
    yAxis: {
      type: 'value' as const,
      scale: true,
      splitNumber: 4,
      splitLine: { lineStyle: { color: t.grid } },
      axisLabel: { ...axisText(t), formatter: (value: number) => rateText(String(value)) },
    },
    series: [
      {
        type: 'line' as const,
        name,
        symbol: rows.length === 1 ? 'circle' : 'none',
        data: rows.map(({ rate }) => Number(rate)),
        lineStyle: { width: 2, color: t.viz[0] },
        itemStyle: { color: t.viz[0] },
      },
    ],
  };
}
