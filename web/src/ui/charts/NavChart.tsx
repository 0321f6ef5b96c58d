import { SegmentedControl } from '@mantine/core';
import { useCallback, useMemo, useState } from 'react';
import type { SeriesPoint } from '@/api/types';
import { formatDate, formatMoney, type Numeric, toNumber } from '@/lib/format';
import { moneyAxis, quarterAxis } from './axes';
import { Chart } from './Chart';
import type { ChartColumn } from './ChartTable';
import type { LegendItem } from './Legend';
import { tipHtml, tipStyle, type VizTokens } from './tokens';

/** What the same four series are called for a fund and for a company. */
const WORDS = {
  fund: {
    title: 'NAV and J-curve',
    nav: 'NAV',
    distributions: 'Distributions',
    contributions: 'Contributions',
  },
  company: {
    title: 'Value and cash',
    nav: 'Fair value',
    distributions: 'Realised',
    contributions: 'Invested',
  },
};
const CASH = 'Net cash to date';

type Words = (typeof WORDS)['fund'];

const legend = (words: Words): LegendItem[] => [
  { name: words.nav, colour: 1, shape: 'line' },
  { name: CASH, colour: 'muted', shape: 'dash' },
  { name: words.distributions, colour: 3, shape: 'bar' },
  { name: words.contributions, colour: 2, shape: 'bar' },
];

const RANGES: Record<string, number> = { '3Y': 12, '5Y': 20, All: Infinity };

type Series = 'nav' | 'cumulative_net' | 'contributions' | 'distributions';

interface Props {
  series: SeriesPoint[];
  currency: string;
  of?: keyof typeof WORDS;
}

/** Two panels on one time axis: stocks above (NAV and the J-curve), flows below on a scale of their own. */
export function NavChart({ series, currency, of = 'fund' }: Props) {
  const words = WORDS[of];
  const [range, setRange] = useState('All');
  const rows = useMemo(() => series.slice(-Math.min(RANGES[range]!, series.length)), [range, series]);
  const money = useCallback((value: Numeric) => formatMoney(value, { currency, unit: 'auto' }), [currency]);
  const option = useCallback(
    (t: VizTokens, narrow: boolean, hidden: ReadonlySet<string>) =>
      draw(t, narrow, hidden, rows, currency, money, words),
    [rows, currency, money, words],
  );
  return (
    <Chart
      title={words.title}
      subtitle={`Quarterly: ${words.nav} and net cash to date above, flows below`}
      summary={summary(series, money, words)}
      fileName={words.title.toLowerCase().replaceAll(' ', '-')}
      rows={rows}
      columns={columns(money, words)}
      option={option}
      legend={legend(words)}
      controls={
        <SegmentedControl data={Object.keys(RANGES)} value={range} onChange={setRange} aria-label="Range" />
      }
    />
  );
}

function columns(money: (value: Numeric) => string, words: Words): ChartColumn<SeriesPoint>[] {
  const amount = (header: string, key: Series): ChartColumn<SeriesPoint> => ({
    header,
    value: (row) => row[key],
    text: (row) => money(row[key]),
    numeric: true,
  });
  return [
    { header: 'Quarter', value: (row) => row.on, text: (row) => formatDate(row.on, 'quarter') },
    amount(words.contributions, 'contributions'),
    amount(words.distributions, 'distributions'),
    amount(CASH, 'cumulative_net'),
    amount(words.nav, 'nav'),
  ];
}

function summary(series: SeriesPoint[], money: (value: Numeric) => string, words: Words): string {
  const last = series[series.length - 1]!;
  const lowest = series.reduce((a, b) => (Number(b.cumulative_net) < Number(a.cumulative_net) ? b : a));
  return (
    `${words.nav} ${money(last.nav)} in ${formatDate(last.on, 'quarter')}. Net cash to date was lowest, ` +
    `${money(lowest.cumulative_net)}, in ${formatDate(lowest.on, 'quarter')} and is now ${money(last.cumulative_net)}.`
  );
}

function draw(
  t: VizTokens,
  narrow: boolean,
  hidden: ReadonlySet<string>,
  rows: SeriesPoint[],
  currency: string,
  money: (value: Numeric) => string,
  words: Words,
) {
  const [blue, orange, teal] = t.viz;
  const left = 62;
  const right = narrow ? 10 : 20;
  const days = rows.map((row) => row.on);
  const values = (key: Series, sign = 1) => rows.map((row) => signed(row[key], sign));
  const largest = (...lists: (number | null)[][]) =>
    Math.max(0, ...lists.flat().map((v) => Math.abs(v ?? 0)));
  const stocks = [values('nav'), values('cumulative_net')];
  const flows = [values('distributions'), values('contributions', -1)];
  const line = { type: 'line' as const, symbol: 'none', z: 3, connectNulls: false };
  const bar = { type: 'bar' as const, stack: 'flows', xAxisIndex: 1, yAxisIndex: 1, barMaxWidth: 16 };
  const series = [
    {
      ...line,
      name: words.nav,
      data: stocks[0],
      lineStyle: { width: 2.25, color: blue },
      itemStyle: { color: blue },
      areaStyle: { color: blue, opacity: 0.08 },
    },
    {
      ...line,
      name: CASH,
      data: stocks[1],
      lineStyle: { width: 2, type: [5, 4] as number[], color: t.muted },
      itemStyle: { color: t.muted },
    },
    {
      ...bar,
      name: words.distributions,
      data: flows[0],
      itemStyle: { color: teal, borderRadius: [2, 2, 0, 0] },
    },
    {
      ...bar,
      name: words.contributions,
      data: flows[1],
      itemStyle: { color: orange, borderRadius: [0, 0, 2, 2] },
    },
  ];
  const tip = (points: unknown) => {
    const row = rows[(points as { dataIndex: number }[])[0]!.dataIndex]!;
    const lines = [
      [words.nav, money(row.nav)],
      [CASH, money(row.cumulative_net)],
      [words.distributions, money(row.distributions)],
      [words.contributions, money(row.contributions)],
    ] as const;
    return tipHtml(
      formatDate(row.on, 'quarter'),
      lines.filter(([name]) => !hidden.has(name)),
    );
  };
  return {
    textStyle: { fontFamily: t.font },
    grid: [
      { left, right, top: 12, height: '56%' },
      { left, right, top: '68%', bottom: 26 },
    ],
    axisPointer: { link: [{ xAxisIndex: 'all' as const }] },
    tooltip: {
      ...tipStyle(t),
      trigger: 'axis' as const,
      axisPointer: { type: 'line' as const, lineStyle: { color: t.axis, type: 'solid' as const } },
      formatter: tip,
    },
    xAxis: [quarterAxis(t, days, narrow, 0, false), quarterAxis(t, days, narrow, 1, true)],
    yAxis: [
      moneyAxis(t, currency, largest(...stocks), 0, 4),
      moneyAxis(t, currency, largest(...flows), 1, narrow ? 1 : 2),
    ],
    series: series.filter(({ name }) => !hidden.has(name)),
  };
}

/** The height of a point: contributions are drawn downwards. */
function signed(value: Numeric, sign: number): number | null {
  const number = toNumber(value);
  return number === null ? null : number * sign;
}
