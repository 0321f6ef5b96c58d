import { type ReactNode, useCallback } from 'react';
import { formatDate, formatMoney } from '@/lib/format';
import { Chart, type ChartOption, type LegendItem, moneyAxis, tipHtml, tipStyle, type VizTokens } from '@/ui';
import { monthAxis } from '../axes';

export type Series = Extract<NonNullable<ReturnType<ChartOption>['series']>, readonly unknown[]>;

interface Props<Row extends { month: string }> {
  title: string;
  subtitle: string;
  summary: string;
  fileName: string;
  currency: string;
  rows: Row[];
  /** The amounts of a month, by their names: columns of the table, lines of the tooltip. */
  amounts: readonly { name: string; of: (row: Row) => string | null; isTold?: false }[];
  legend: LegendItem[];
  /** The largest amount that is drawn of a month. */
  most: (row: Row) => number;
  /** What is drawn; kept from one rendering to the next. */
  draw: (t: VizTokens, rows: readonly Row[], hidden: ReadonlySet<string>) => Series;
  controls?: ReactNode;
}

/** Amounts by calendar month: drawn, as a table, and told of each month. */
export function MonthChart<Row extends { month: string }>(props: Props<Row>) {
  const { currency, rows, amounts, most, draw, legend, ...chart } = props;
  const option = useCallback(
    (t: VizTokens, narrow: boolean, hidden: ReadonlySet<string>) => ({
      textStyle: { fontFamily: t.font },
      grid: { left: 62, right: narrow ? 12 : 20, top: 12, bottom: 30 },
      tooltip: {
        ...tipStyle(t),
        trigger: 'axis' as const,
        axisPointer: { type: 'line' as const, lineStyle: { color: t.axis, type: 'solid' as const } },
        formatter: (hovered: unknown) => {
          const row = rows[(hovered as { dataIndex: number }[])[0]!.dataIndex]!;
          const told = amounts.filter(({ isTold }) => isTold !== false);
          return tipHtml(
            formatDate(row.month, 'month'),
            told.map(({ name, of }) => [name, formatMoney(of(row), { currency })] as const),
          );
        },
      },
      xAxis: monthAxis(
        t,
        rows.map(({ month }) => month),
        narrow,
      ),
      yAxis: moneyAxis(t, currency, Math.max(0, ...rows.map(most))),
      series: draw(t, rows, hidden),
    }),
    [rows, currency, draw], // eslint-disable-line -- the amounts only change with what is drawn
  );
  return (
    <Chart
      {...chart}
      rows={rows}
      columns={[
        { header: 'Month', value: (row) => row.month, text: (row) => formatDate(row.month, 'month') },
        ...amounts.map(({ name, of }) => ({
          header: name,
          value: of,
          text: (row: Row) => formatMoney(of(row), { currency }),
          numeric: true,
        })),
      ]}
      option={option}
      legend={legend}
    />
  );
}
