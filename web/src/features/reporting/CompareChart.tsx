import { useCallback } from 'react';
import { commonUnit, formatQuantity, humanise, NA, periodText, toNumber } from '@/lib/format';
import {
  axisText,
  Card,
  Chart,
  type ChartColumn,
  EmptyBlock,
  type LegendItem,
  tipHtml,
  tipStyle,
  type VizTokens,
} from '@/ui';
import { cellText, type Scale, wholeText } from './figures';
import type { Comparison } from './queries';

interface Props {
  data: Comparison;
  indexed: boolean;
  bySector: boolean;
}

interface Point {
  period: string;
  values: (string | null)[];
}

const MOST = 6;

/** Lines over the periods; more than six are too many for one chart, the rest is in its table. */
export function CompareChart({ data, indexed, bySector }: Props) {
  const names = data.series.map(({ name, companies }) =>
    bySector ? `${humanise(name)} (${companies})` : name,
  );
  const option = useCallback(
    (t: VizTokens, narrow: boolean, hidden: ReadonlySet<string>) =>
      draw(t, narrow, hidden, data, names, indexed),
    [data, indexed], // eslint-disable-line
  );
  if (indexed && data.base === null)
    return (
      <Card>
        <EmptyBlock
          title="No common start"
          hint="An index needs a period in which every one of them has a figure above nought."
        />
      </Card>
    );
  const points = data.periods.map(({ period }, at): Point => ({
    period,
    values: data.series.map((one) => (indexed ? (one.index?.[at] ?? null) : (one.values[at] ?? null))),
  }));
  const text = (value: string | null | undefined) =>
    value == null ? NA : indexed ? formatQuantity(value) : wholeText(value, data.unit, moneyOf(data));
  const columns: ChartColumn<Point>[] = [
    { header: 'Period', value: (row) => row.period, text: (row) => periodText(row.period) },
    ...names.map((header, at): ChartColumn<Point> => ({
      header,
      value: (row) => row.values[at] ?? null,
      text: (row) => text(row.values[at]) + draftMark(data, at, row.period),
      numeric: true,
    })),
  ];
  const legend = names
    .slice(0, MOST)
    .map((name, at): LegendItem => ({ name, colour: (at + 1) as 1 | 2 | 3 | 4 | 5 | 6, shape: 'line' }));
  const last = points.findLast(({ values }) => values.some((value) => value !== null));
  const together =
    data.unit === 'money' || data.unit === 'count' ? 'added up where it adds up' : 'the median';
  return (
    <Card>
      <Chart
        title={data.label}
        subtitle={[
          indexed ? `${periodText(data.base!)} = 100` : data.unit === 'money' ? `In ${data.currency}` : null,
          bySector && `of each sector’s companies ${together}`,
          draftsText(data),
        ]
          .filter(Boolean)
          .join(', ')}
        summary={`${data.label} of ${names.length}${last ? `; in ${periodText(last.period)}: ${names.map((name, at) => `${name} ${text(last.values[at])}`).join(', ')}` : ''}.`}
        size="l"
        fileName={`compare-${data.metric}`}
        rows={points}
        columns={columns}
        option={option}
        legend={legend}
      />
    </Card>
  );
}

/** Behind a figure that is a draft, or made of one. */
const draftMark = ({ periods, series }: Comparison, line: number, period: string): string =>
  series[line]!.drafts[periods.findIndex((one) => one.period === period)] ? ' (draft)' : '';

const draftsText = ({ series }: Comparison): string | false => {
  const count = series.flatMap(({ drafts }) => drafts).filter(Boolean).length;
  return count > 0 && (count === 1 ? 'one figure is a draft' : `${count} figures are drafts`);
};

const moneyOf = ({ unit, currency }: Comparison) => (unit === 'money' ? currency : null);

function draw(
  t: VizTokens,
  narrow: boolean,
  hidden: ReadonlySet<string>,
  data: Comparison,
  names: string[],
  indexed: boolean,
) {
  const shown = data.series.slice(0, MOST);
  const line = (at: number) => (indexed ? (shown[at]!.index ?? []) : shown[at]!.values);
  const found = commonUnit(shown.flatMap((_, at) => line(at)));
  const scale: Scale = found === 'bn' ? 'm' : found;
  const tip = (hovered: unknown) => {
    const at = (hovered as { dataIndex: number }[])[0]!.dataIndex;
    const rows = names.slice(0, MOST).map((name, index) => {
      const value = line(index)[at] ?? null;
      const text =
        value === null ? NA : indexed ? formatQuantity(value) : wholeText(value, data.unit, moneyOf(data));
      return [name, text + draftMark(data, index, data.periods[at]!.period)] as const;
    });
    return tipHtml(periodText(data.periods[at]!.period), rows);
  };
  const axis = (value: number): string => {
    if (indexed) return String(value);
    if (data.unit === 'ratio') return `${Math.round(value * 100)}%`;
    if (data.unit === 'multiple') return `${formatQuantity(value)}x`;
    const text = cellText(
      String(value),
      data.unit === 'money' ? 'money' : 'count',
      data.currency ?? 'USD',
      scale,
    );
    return text.replace(/\.0+$/, '') + (data.unit === 'money' && scale !== 'full' ? scale : '');
  };
  const every = Math.ceil(data.periods.length / (narrow ? 4 : 10));
  return {
    textStyle: { fontFamily: t.font },
    grid: { left: 58, right: 24, top: 12, bottom: 28 },
    tooltip: {
      ...tipStyle(t),
      trigger: 'axis' as const,
      axisPointer: { type: 'line' as const, lineStyle: { color: t.axis, type: 'solid' as const } },
      formatter: tip,
    },
    xAxis: {
      type: 'category' as const,
      data: data.periods.map(({ period }) => period),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: t.axis } },
      axisLabel: { ...axisText(t), interval: (index: number) => index % every === 0, formatter: periodText },
    },
    yAxis: {
      type: 'value' as const,
      splitNumber: 4,
      splitLine: { lineStyle: { color: t.grid } },
      axisLabel: { ...axisText(t), formatter: axis },
    },
    series: shown.flatMap((_, at) =>
      hidden.has(names[at]!)
        ? []
        : [
            {
              type: 'line' as const,
              name: names[at]!,
              symbol: 'none',
              data: line(at).map((value) => toNumber(value)),
              lineStyle: { width: 2, color: t.viz[at] },
              itemStyle: { color: t.viz[at] },
            },
          ],
    ),
  };
}
