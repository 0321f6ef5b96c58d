import { useCallback } from 'react';
import type { Simulated } from '@/api/types';
import { formatInt, formatMultiple, formatPercent } from '@/lib/format';
import {
  axisText,
  Card,
  Chart,
  type ChartColumn,
  type LegendItem,
  tipHtml,
  tipStyle,
  type VizTokens,
} from '@/ui';

type Run = Simulated['result'];
type Step = Run['histogram'][number];

const LOSS = 'Less than the outlay';
const GAIN = 'The outlay or more';
const LEGEND: LegendItem[] = [
  { name: LOSS, colour: 2, shape: 'bar' },
  { name: GAIN, colour: 1, shape: 'bar' },
];

const between = (step: Step) =>
  `${formatMultiple(step.multiple_from)} to ${formatMultiple(step.multiple_to)}`;

const COLUMNS: ChartColumn<Step>[] = [
  {
    header: 'From',
    value: (row) => row.multiple_from,
    text: (row) => formatMultiple(row.multiple_from),
    numeric: true,
  },
  {
    header: 'To',
    value: (row) => row.multiple_to,
    text: (row) => formatMultiple(row.multiple_to),
    numeric: true,
  },
  { header: 'Futures', value: (row) => row.paths, text: (row) => formatInt(row.paths), numeric: true },
];

/** How often which multiple of the outlay comes back. */
export function HistogramChart({ run }: { run: Run }) {
  const option = useCallback(
    (t: VizTokens, narrow: boolean, hidden: ReadonlySet<string>) => draw(t, narrow, hidden, run),
    [run],
  );
  return (
    <Card>
      <Chart
        title="What comes back"
        subtitle={`Collected ÷ outlay over ${formatInt(run.paths)} drawn futures`}
        summary={`Less than the outlay comes back in ${formatPercent(run.chance_of_loss)} of the futures; ${formatMultiple(run.expected_multiple)} on average.`}
        fileName="simulated-multiples"
        rows={run.histogram}
        columns={COLUMNS}
        option={option}
        legend={LEGEND}
      />
    </Card>
  );
}

function draw(t: VizTokens, narrow: boolean, hidden: ReadonlySet<string>, run: Run) {
  const steps = run.histogram;
  const every = Math.ceil(steps.length / (narrow ? 4 : 8));
  const bars = (name: string, colour: string, wanted: (step: Step) => boolean) => ({
    type: 'bar' as const,
    name,
    stack: 'paths',
    barCategoryGap: '8%',
    data: steps.map((step) => (wanted(step) ? step.paths : null)),
    itemStyle: { color: colour, borderRadius: [2, 2, 0, 0] },
  });
  const lost = (step: Step) => step.multiple_from < 1;
  const tip = (points: unknown) => {
    const step = steps[(points as { dataIndex: number }[])[0]!.dataIndex]!;
    return tipHtml(between(step), [
      ['Futures', formatInt(step.paths)],
      ['Of all', formatPercent(step.paths / run.paths)],
    ]);
  };
  return {
    textStyle: { fontFamily: t.font },
    grid: { left: 48, right: narrow ? 12 : 20, top: 12, bottom: 26 },
    tooltip: {
      ...tipStyle(t),
      trigger: 'axis' as const,
      axisPointer: { type: 'shadow' as const },
      formatter: tip,
    },
    xAxis: {
      type: 'category' as const,
      data: steps.map((step) => formatMultiple(step.multiple_from)),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: t.axis } },
      axisLabel: { ...axisText(t), interval: (index: number) => index % every === 0 },
    },
    yAxis: {
      type: 'value' as const,
      splitNumber: 4,
      splitLine: { lineStyle: { color: t.grid } },
      axisLabel: axisText(t),
    },
    series: [bars(LOSS, t.viz[1], lost), bars(GAIN, t.viz[0], (step) => !lost(step))].filter(
      ({ name }) => !hidden.has(name),
    ),
  };
}
