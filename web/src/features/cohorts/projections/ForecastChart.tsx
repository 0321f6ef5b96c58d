import type { CohortForecast } from '@/api/types';
import { formatDate, formatMoney, formatPercent, toNumber } from '@/lib/format';
import type { LegendItem, VizTokens } from '@/ui';
import { MonthChart, type Series } from './MonthChart';

type Month = CohortForecast['months'][number];

const EXPECTED = 'Expected';
const LOW = 'Low';
const HIGH = 'High';
const LEGEND: LegendItem[] = [
  { name: EXPECTED, colour: 1, shape: 'line' },
  { name: HIGH, colour: 1, shape: 'dash' },
  { name: LOW, colour: 1, shape: 'dash' },
];

const AMOUNTS = [
  { name: HIGH, of: (one: Month) => one.high },
  { name: EXPECTED, of: (one: Month) => one.expected },
  { name: LOW, of: (one: Month) => one.low },
];

interface Props {
  data: CohortForecast;
  /** The model in words. */
  model: string;
}

/** What all cohorts are expected to pay by calendar month, and within which band. */
export function ForecastChart({ data, model }: Props) {
  const { currency, months, chance } = data;
  const next = months[0]!;
  const money = (value: string) => formatMoney(value, { currency, unit: 'auto' });
  const band =
    data.spread === null
      ? 'too few months to draw a band'
      : `and the band that holds ${formatPercent(chance ?? 0, { dp: 0 })} of the futures drawn`;
  return (
    <MonthChart
      title="Payments to come"
      subtitle={`${model}: what is expected each month, ${band}`}
      summary={`For ${formatDate(next.month, 'month')} ${money(next.expected)} is expected, between ${money(next.low)} and ${money(next.high)}.`}
      fileName="payments-to-come"
      currency={currency}
      rows={months}
      amounts={AMOUNTS}
      legend={LEGEND}
      most={(one) => number(one.high)}
      draw={draw}
    />
  );
}

const number = (value: string) => toNumber(value) ?? 0;

function draw(t: VizTokens, months: readonly Month[], hidden: ReadonlySet<string>): Series {
  const blue = t.viz[0];
  const line = { type: 'line' as const, symbol: 'none', itemStyle: { color: blue } };
  const edge = { width: 1.25, color: blue, type: [5, 4] as number[] };
  const lines = [
    { ...line, name: LOW, data: months.map((one) => number(one.low)), lineStyle: edge },
    { ...line, name: HIGH, data: months.map((one) => number(one.high)), lineStyle: edge },
    {
      ...line,
      name: EXPECTED,
      data: months.map((one) => number(one.expected)),
      lineStyle: { width: 2.25, color: blue },
    },
  ].filter(({ name }) => !hidden.has(name));
  // The band is what stands on its lower edge, which itself is not drawn.
  const base = {
    ...line,
    stack: 'band',
    stackStrategy: 'all' as const,
    silent: true,
    lineStyle: { width: 0 },
  };
  const band = [
    { ...base, name: 'under the band', data: months.map((one) => number(one.low)) },
    {
      ...base,
      name: 'band',
      data: months.map((one) => number(one.high) - number(one.low)),
      areaStyle: { color: blue, opacity: 0.1 },
    },
  ];
  return hidden.has(LOW) || hidden.has(HIGH) ? lines : [...band, ...lines];
}
