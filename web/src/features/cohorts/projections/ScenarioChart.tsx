import { type ReactNode, useCallback, useMemo } from 'react';
import type { Comparison } from '@/api/types';
import { formatMoney, humanise, type Numeric, toNumber } from '@/lib/format';
import type { VizTokens } from '@/ui';
import { MonthChart } from './MonthChart';

type Compared = Comparison['scenarios'][number];

interface Props {
  first: Compared;
  second: Compared;
  currency: string;
  controls: ReactNode;
}

interface Row {
  month: string;
  a: string;
  b: string | null;
}

/** What two scenarios let the fund collect, month by month; they part where facts end. */
export function ScenarioChart({ first, second, currency, controls }: Props) {
  const rows = useMemo(() => {
    const others = new Map(second.months.map(({ month, collected }) => [month, collected]));
    return first.months.map(({ month, collected }): Row => ({
      month,
      a: collected,
      b: others.get(month) ?? null,
    }));
  }, [first, second]);
  const names = [
    humanise(first.name),
    `${humanise(second.name)}${second === first ? ' again' : ''}`,
  ] as const;
  const [one, two] = names;
  const money = (value: Numeric) => formatMoney(value, { currency });
  return (
    <MonthChart
      title="Two scenarios"
      subtitle="Collected by month"
      summary={`${one} brings ${money(first.collected)} in all, ${two} ${money(second.collected)}.`}
      fileName="two-scenarios"
      currency={currency}
      rows={rows}
      amounts={[
        { name: one, of: ({ a }) => a },
        { name: two, of: ({ b }) => b },
      ]}
      legend={[
        { name: one, colour: 1, shape: 'line' },
        { name: two, colour: 6, shape: 'dash' },
      ]}
      most={({ a, b }) => Math.max(toNumber(a) ?? 0, toNumber(b) ?? 0)}
      draw={useCallback(
        (t: VizTokens, months: readonly Row[], hidden: ReadonlySet<string>) =>
          draw(t, hidden, months, [one, two]),
        [one, two],
      )}
      controls={controls}
    />
  );
}

function draw(
  t: VizTokens,
  hidden: ReadonlySet<string>,
  rows: readonly Row[],
  [one, two]: readonly [string, string],
) {
  const line = { type: 'line' as const, symbol: 'none', z: 3 };
  return [
    {
      ...line,
      name: one,
      data: rows.map(({ a }) => toNumber(a)),
      itemStyle: { color: t.viz[0] },
      lineStyle: { width: 2.25, color: t.viz[0] },
    },
    {
      ...line,
      name: two,
      data: rows.map(({ b }) => toNumber(b)),
      itemStyle: { color: t.viz[5] },
      lineStyle: { width: 2, color: t.viz[5], type: [5, 4] as number[] },
    },
  ].filter(({ name }) => !hidden.has(name));
}
