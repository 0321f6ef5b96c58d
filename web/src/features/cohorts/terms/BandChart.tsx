import { useCallback } from 'react';
import type { Simulated } from '@/api/types';
import { formatMoney, type Numeric, toNumber } from '@/lib/format';
import {
  Card,
  Chart,
  type ChartColumn,
  type LegendItem,
  moneyAxis,
  tipHtml,
  tipStyle,
  type VizTokens,
} from '@/ui';
import { periodAxis } from '../axes';

type Run = Simulated['result'];
type At = Run['collected_by_period'][number];

const LINES = [
  { key: 'high', name: 'p95', colour: 3, dash: true },
  { key: 'median', name: 'p50', colour: 1, dash: false },
  { key: 'low', name: 'p5', colour: 2, dash: true },
] as const;
const OUTLAY = 'Outlay';
const LEGEND: LegendItem[] = [
  ...LINES.map(({ name, colour, dash }): LegendItem => ({ name, colour, shape: dash ? 'dash' : 'line' })),
  { name: OUTLAY, colour: 'muted', shape: 'line' },
];

/** How fast the outlay comes back: in a bad, a middling and a good future. */
export function BandChart({ run, currency }: { run: Run; currency: string }) {
  const option = useCallback(
    (t: VizTokens, narrow: boolean, hidden: ReadonlySet<string>) => draw(t, narrow, hidden, run, currency),
    [run, currency],
  );
  const money = (value: Numeric) => formatMoney(value, { currency, unit: 'auto' });
  const columns: ChartColumn<At>[] = [
    { header: 'Period', value: (row) => row.period, text: (row) => `M${row.period}`, numeric: true },
    ...LINES.map(({ key, name }) => ({
      header: name,
      value: (row: At) => row[key],
      text: (row: At) => money(row[key]),
      numeric: true,
    })),
    { header: 'Mean', value: (row) => row.expected, text: (row) => money(row.expected), numeric: true },
  ];
  const last = run.collected_by_period[run.collected_by_period.length - 1];
  return (
    <Card>
      <Chart
        title="How fast it comes back"
        subtitle="Collected so far, by months since the cohort; p5 and p95 of each month"
        summary={
          last
            ? `By month ${last.period} half of the futures collected ${money(last.median)} or more of ${money(run.outlay)}.`
            : ''
        }
        fileName="simulated-collections"
        rows={run.collected_by_period}
        columns={columns}
        option={option}
        legend={LEGEND}
      />
    </Card>
  );
}

function draw(t: VizTokens, narrow: boolean, hidden: ReadonlySet<string>, run: Run, currency: string) {
  const at = run.collected_by_period;
  const outlay = toNumber(run.outlay) ?? 0;
  const line = { type: 'line' as const, symbol: 'none', z: 3 };
  const series = [
    ...LINES.map(({ key, name, colour, dash }) => ({
      ...line,
      name: name as string,
      data: at.map((one) => toNumber(one[key])),
      itemStyle: { color: t.viz[colour - 1] },
      lineStyle: dash
        ? { width: 1.75, color: t.viz[colour - 1], type: [5, 4] as number[] }
        : { width: 2.25, color: t.viz[colour - 1] },
    })),
    {
      ...line,
      name: OUTLAY,
      data: at.map(() => outlay),
      itemStyle: { color: t.muted },
      lineStyle: { width: 1, color: t.muted },
    },
  ].filter(({ name }) => !hidden.has(name));
  const largest = Math.max(outlay, ...at.map((one) => toNumber(one.high) ?? 0));
  const tip = (points: unknown) => {
    const one = at[(points as { dataIndex: number }[])[0]!.dataIndex]!;
    const rows = LINES.filter(({ name }) => !hidden.has(name)).map(
      ({ key, name }) => [name, formatMoney(one[key], { currency })] as const,
    );
    return tipHtml(`Month ${one.period}`, [
      ...rows,
      [OUTLAY, formatMoney(run.outlay, { currency })] as const,
    ]);
  };
  return {
    textStyle: { fontFamily: t.font },
    grid: { left: 62, right: narrow ? 12 : 20, top: 12, bottom: 30 },
    tooltip: { ...tipStyle(t), trigger: 'axis' as const, formatter: tip },
    xAxis: periodAxis(t, at.length, narrow),
    yAxis: moneyAxis(t, currency, largest),
    series,
  };
}
