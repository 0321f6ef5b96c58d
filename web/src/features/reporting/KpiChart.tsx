import { useCallback } from 'react';
import { periodText, pickUnit, toNumber } from '@/lib/format';
import { axisText, Card, Chart, type ChartColumn, tipHtml, tipStyle, type VizTokens } from '@/ui';
import { cellText, type Scale, wholeText } from './figures';
import { boundsOf, type KpiPoint, type KpiSeries, newest } from './kpis';

interface Props {
  series: KpiSeries;
  currency: string;
}

/** One key figure over time: what was reported, the budget, and the forecast; the axis begins at nought. */
export function KpiChart({ series, currency }: Props) {
  const { label, unit, points } = series;
  const { now } = newest(series);
  const money = unit === 'money' ? currency : null;
  const option = useCallback(
    (t: VizTokens, narrow: boolean) => draw(t, narrow, series, currency),
    [series, currency],
  );
  const told =
    now &&
    `${wholeText(now.actual, unit, money)} in ${periodText(now.period)}${now.isDraft ? ', a draft' : ''}`;
  return (
    <Card>
      <Chart
        title={label}
        subtitle={told ?? 'planned only'}
        summary={`${label}: ${told ?? 'not reported yet'}${now?.budget ? `, planned were ${wholeText(now.budget, unit, money)}` : ''}.`}
        size="s"
        fileName={series.metric}
        rows={points}
        columns={columnsOf(unit, money)}
        option={option}
      />
    </Card>
  );
}

function columnsOf(unit: KpiSeries['unit'], money: string | null): ChartColumn<KpiPoint>[] {
  const figure = (header: string, name: 'actual' | 'budget' | 'forecast'): ChartColumn<KpiPoint> => ({
    header,
    value: (row) => row[name],
    text: (row) =>
      `${wholeText(row[name], unit, money)}${name === 'actual' && row.isDraft ? ', a draft' : ''}`,
    numeric: true,
  });
  return [
    { header: 'Period', value: (row) => row.period, text: (row) => periodText(row.period) },
    figure('Actual', 'actual'),
    figure('Budget', 'budget'),
    figure('Forecast', 'forecast'),
  ];
}

function draw(t: VizTokens, narrow: boolean, series: KpiSeries, currency: string) {
  const { unit, points } = series;
  const { min, max } = boundsOf(series);
  const found = pickUnit(Math.max(Math.abs(min), Math.abs(max)));
  const scale: Scale = found === 'bn' ? 'm' : found;
  const suffix = unit === 'multiple' ? 'x' : unit === 'money' && scale !== 'full' ? scale : '';
  const line = (name: string, key: 'actual' | 'budget' | 'forecast', colour: string, dashed: boolean) => ({
    type: 'line' as const,
    name,
    data: points.map((point) => toNumber(point[key])),
    symbol: points.filter((point) => point[key] !== null).length === 1 ? 'circle' : 'none',
    symbolSize: 5,
    lineStyle: {
      width: key === 'actual' ? 2 : 1.5,
      color: colour,
      type: dashed ? ([4, 4] as number[]) : undefined,
    },
    itemStyle: { color: colour },
  });
  const tip = (hovered: unknown) => {
    const point = points[(hovered as { dataIndex: number }[])[0]!.dataIndex]!;
    const money = unit === 'money' ? currency : null;
    const rows = (['actual', 'budget', 'forecast'] as const).flatMap((name) =>
      point[name] === null
        ? []
        : [
            [
              name === 'actual' && point.isDraft ? 'Actual, a draft' : NAMES[name],
              wholeText(point[name], unit, money),
            ] as const,
          ],
    );
    return tipHtml(periodText(point.period), rows);
  };
  const every = Math.ceil(points.length / (narrow ? 3 : 4));
  return {
    textStyle: { fontFamily: t.font },
    grid: { left: 52, right: 18, top: 10, bottom: 24 },
    tooltip: {
      ...tipStyle(t),
      trigger: 'axis' as const,
      axisPointer: { type: 'line' as const, lineStyle: { color: t.axis, type: 'solid' as const } },
      formatter: tip,
    },
    xAxis: {
      type: 'category' as const,
      data: points.map(({ period }) => period),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: t.axis } },
      axisLabel: {
        ...axisText(t),
        interval: (index: number) => index % every === 0,
        formatter: (period: string) => periodText(period).replace('LTM ', ''),
      },
    },
    yAxis: {
      type: 'value' as const,
      splitNumber: 3,
      splitLine: { lineStyle: { color: t.grid } },
      axisLabel: {
        ...axisText(t),
        formatter: (value: number) =>
          unit === 'ratio'
            ? `${Math.round(value * 100)}%`
            : `${cellText(String(value), unit === 'money' ? 'money' : 'count', currency, scale).replace(/\.(\d*?)0+(?=\D*$)/, (_, kept: string) => kept && `.${kept}`)}${suffix}`,
      },
    },
    series: [
      line(NAMES.budget, 'budget', t.viz[4], false),
      line(NAMES.forecast, 'forecast', t.viz[0], true),
      line(NAMES.actual, 'actual', t.viz[0], false),
    ],
  };
}

export const NAMES = { actual: 'Actual', budget: 'Budget', forecast: 'Forecast' } as const;
