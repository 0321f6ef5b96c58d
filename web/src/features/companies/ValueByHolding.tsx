import { useMemo } from 'react';
import type { Positions } from '@/api/types';
import { Card, ValueBars } from '@/ui';

interface Props {
  positions: Positions | undefined;
  fundName: (id: number) => string;
}

/** Cost and fair value of each holding in a company, where there is more than one to compare. */
export function ValueByHolding({ positions, fundName }: Props) {
  const held = useMemo(
    () => (positions?.items ?? []).filter((row) => Number(row.fair_value) > 0),
    [positions],
  );
  const bars = held
    .toSorted((a, b) => Number(b.fair_value) - Number(a.fair_value))
    .map((row) => ({
      name: `${fundName(row.fund_id)}, ${row.name}`,
      cost: row.remaining_cost,
      value: row.fair_value,
    }));
  const currencies = new Set(held.map((row) => row.currency));
  if (bars.length < 2 || currencies.size > 1) return null;
  return (
    <Card>
      <ValueBars rows={bars} currency={held[0]!.currency} title="Value by holding" each="Holding" />
    </Card>
  );
}
