import { useCallback, useMemo } from 'react';
import { formatMoney, type Numeric, toNumber } from '@/lib/format';
import { axisText, moneyAxis } from './axes';
import { Chart } from './Chart';
import type { ChartColumn } from './ChartTable';
import type { LegendItem } from './Legend';
import { tipHtml, tipStyle, type VizTokens } from './tokens';

export interface ValueBar {
  name: string;
  cost: Numeric;
  value: Numeric;
}

/** So few bars need less height. */
const FEW = 5;

const LEGEND: LegendItem[] = [
  { name: 'Fair value', colour: 1, shape: 'bar' },
  { name: 'Cost', colour: 'other', shape: 'bar' },
];

interface Props {
  rows: ValueBar[];
  currency: string;
  title?: string;
  /** What each bar is of. */
  each?: string;
}

/** Cost beside fair value, the largest on top. */
export function ValueBars({ rows, currency, title = 'Value by company', each = 'Company' }: Props) {
  const money = useCallback((value: Numeric) => formatMoney(value, { currency, unit: 'auto' }), [currency]);
  const option = useCallback(
    (t: VizTokens, narrow: boolean, hidden: ReadonlySet<string>) =>
      draw(t, narrow, hidden, rows, currency, money),
    [rows, currency, money],
  );
  const columns = useMemo<ChartColumn<ValueBar>[]>(
    () => [
      { header: each, value: (row) => row.name, text: (row) => row.name },
      { header: 'Cost', value: (row) => row.cost ?? null, text: (row) => money(row.cost), numeric: true },
      {
        header: 'Fair value',
        value: (row) => row.value ?? null,
        text: (row) => money(row.value),
        numeric: true,
      },
    ],
    [money, each],
  );
  const largest = rows[0];
  return (
    <Chart
      title={title}
      subtitle="What is held, at fair value and at cost"
      summary={
        largest
          ? `The largest is ${largest.name} at ${money(largest.value)}, cost ${money(largest.cost)}.`
          : ''
      }
      fileName={title.toLowerCase().replaceAll(' ', '-')}
      size={rows.length <= FEW ? 's' : 'm'}
      rows={rows}
      columns={columns}
      option={option}
      legend={LEGEND}
    />
  );
}

function draw(
  t: VizTokens,
  narrow: boolean,
  hidden: ReadonlySet<string>,
  rows: ValueBar[],
  currency: string,
  money: (value: Numeric) => string,
) {
  const largest = Math.max(0, ...rows.flatMap((row) => [toNumber(row.cost) ?? 0, toNumber(row.value) ?? 0]));
  const bar = { type: 'bar' as const, barMaxWidth: 9, barGap: '20%' };
  const series = [
    {
      ...bar,
      name: 'Fair value',
      data: rows.map((row) => toNumber(row.value)),
      itemStyle: { color: t.viz[0], borderRadius: [0, 2, 2, 0] },
    },
    {
      ...bar,
      name: 'Cost',
      data: rows.map((row) => toNumber(row.cost)),
      itemStyle: { color: t.other, borderRadius: [0, 2, 2, 0] },
    },
  ];
  const tip = (points: unknown) => {
    const row = rows[(points as { dataIndex: number }[])[0]!.dataIndex]!;
    const lines = [
      ['Fair value', money(row.value)],
      ['Cost', money(row.cost)],
    ] as const;
    return tipHtml(
      row.name,
      lines.filter(([name]) => !hidden.has(name)),
    );
  };
  return {
    textStyle: { fontFamily: t.font },
    grid: { left: narrow ? 118 : 190, right: 24, top: 8, bottom: 28 },
    tooltip: {
      ...tipStyle(t),
      trigger: 'axis' as const,
      axisPointer: { type: 'shadow' as const },
      formatter: tip,
    },
    xAxis: moneyAxis(t, currency, largest, 0, narrow ? 3 : 5),
    yAxis: {
      type: 'category' as const,
      inverse: true,
      data: rows.map((row) => row.name),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: t.axis } },
      axisLabel: { ...axisText(t), width: narrow ? 104 : 176, overflow: 'truncate' as const },
    },
    series: series.filter(({ name }) => !hidden.has(name)),
  };
}
