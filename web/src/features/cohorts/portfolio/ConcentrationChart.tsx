import { useCallback, useMemo } from 'react';
import type { CohortTotals } from '@/api/types';
import { formatMoney, formatPercent, toNumber } from '@/lib/format';
import { axisText, Chart, type ChartColumn, moneyAxis, tipHtml, tipStyle, type VizTokens } from '@/ui';

type Share = CohortTotals['concentration']['companies'][number];

/** More companies than these are in the table and the file. */
const DRAWN = 12;

/** What of the exposure hangs on each company, the largest on top. */
export function ConcentrationChart({ totals }: { totals: CohortTotals }) {
  const { currency, concentration } = totals;
  const drawn = useMemo(() => concentration.companies.slice(0, DRAWN), [concentration]);
  const option = useCallback(
    (t: VizTokens, narrow: boolean) => draw(t, narrow, drawn, currency),
    [drawn, currency],
  );
  const money = (value: string) => formatMoney(value, { currency, unit: 'auto' });
  const columns: ChartColumn<Share>[] = [
    { header: 'Company', value: (row) => row.company, text: (row) => row.company },
    { header: 'Exposure', value: (row) => row.exposure, text: (row) => money(row.exposure), numeric: true },
    { header: 'Share', value: (row) => row.share, text: (row) => formatPercent(row.share), numeric: true },
  ];
  const largest = drawn[0];
  return (
    <Chart
      title="Concentration"
      subtitle={subtitle(concentration)}
      summary={
        largest
          ? `The largest is ${largest.company} with ${formatPercent(largest.share)} of the exposure.`
          : ''
      }
      fileName="concentration"
      rows={concentration.companies}
      columns={columns}
      option={option}
    />
  );
}

function subtitle({ herfindahl, companies }: CohortTotals['concentration']): string {
  const more = companies.length > DRAWN ? `; the ${DRAWN} largest of ${companies.length} companies` : '';
  const index = herfindahl === null ? '' : `; Herfindahl ${herfindahl.toFixed(2)}`;
  return `Outstanding exposure by company${index}${more}`;
}

function draw(t: VizTokens, narrow: boolean, rows: Share[], currency: string) {
  const largest = Math.max(0, ...rows.map((row) => toNumber(row.exposure) ?? 0));
  const tip = (points: unknown) => {
    const row = rows[(points as { dataIndex: number }[])[0]!.dataIndex]!;
    return tipHtml(row.company, [
      ['Exposure', formatMoney(row.exposure, { currency })],
      ['Share', formatPercent(row.share)],
    ]);
  };
  return {
    textStyle: { fontFamily: t.font },
    grid: { left: narrow ? 118 : 170, right: 24, top: 8, bottom: 28 },
    tooltip: {
      ...tipStyle(t),
      trigger: 'axis' as const,
      axisPointer: { type: 'shadow' as const },
      formatter: tip,
    },
    xAxis: moneyAxis(t, currency, largest, 0, narrow ? 2 : 4),
    yAxis: {
      type: 'category' as const,
      inverse: true,
      data: rows.map((row) => row.company),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: t.axis } },
      axisLabel: { ...axisText(t), width: narrow ? 104 : 156, overflow: 'truncate' as const },
    },
    series: [
      {
        type: 'bar' as const,
        name: 'Exposure',
        barMaxWidth: 14,
        data: rows.map((row) => toNumber(row.exposure)),
        itemStyle: { color: t.viz[0], borderRadius: [0, 2, 2, 0] },
      },
    ],
  };
}
