import type { Projection } from '@/api/types';
import { formatMoney, type Numeric, toNumber } from '@/lib/format';
import type { LegendItem, VizTokens } from '@/ui';
import { MonthChart } from './MonthChart';

type Month = Projection['together']['months'][number];

const FUNDED = 'Funded';
const COLLECTED = 'Collected';
const AHEAD = 'Of it forecast';
const LEGEND: LegendItem[] = [
  { name: COLLECTED, colour: 3, shape: 'bar' },
  { name: AHEAD, colour: 3, shape: 'dash' },
  { name: FUNDED, colour: 2, shape: 'bar' },
];

const AMOUNTS = [
  { name: COLLECTED, of: (one: Month) => one.collected },
  { name: AHEAD, of: (one: Month) => one.collected_predicted },
  { name: FUNDED, of: (one: Month) => one.outlay },
  { name: 'Payments', of: (one: Month) => one.payment, isTold: false as const },
];

/** The fund's cash by calendar month: what it pays, what it collects, and what of that is forecast. */
export function CashChart({ data }: { data: Projection }) {
  const { currency, together } = data;
  const money = (value: Numeric) => formatMoney(value, { currency, unit: 'auto' });
  return (
    <MonthChart
      title="Cash by month"
      subtitle="Paid out below, collected above; what is foretold is pale"
      summary={`${money(together.outlay)} is paid out and ${money(together.collected)} collected by the horizon.`}
      fileName="cash-by-month"
      currency={currency}
      rows={together.months}
      amounts={AMOUNTS}
      legend={LEGEND}
      most={(one) => Math.max(number(one.outlay), number(one.collected))}
      draw={draw}
    />
  );
}

const number = (value: string) => toNumber(value) ?? 0;

function draw(t: VizTokens, months: readonly Month[], hidden: ReadonlySet<string>) {
  const teal = t.viz[2];
  const bar = { type: 'bar' as const, stack: 'cash', barMaxWidth: 16 };
  return [
    {
      ...bar,
      name: COLLECTED,
      data: months.map((one) => number(one.collected) - number(one.collected_predicted)),
      itemStyle: { color: teal },
    },
    {
      ...bar,
      name: AHEAD,
      data: months.map((one) => number(one.collected_predicted)),
      itemStyle: { color: teal, opacity: 0.35 },
    },
    {
      ...bar,
      name: FUNDED,
      data: months.map((one) => -number(one.outlay)),
      itemStyle: { color: t.viz[1] },
    },
  ].filter(({ name }) => !hidden.has(name));
}
