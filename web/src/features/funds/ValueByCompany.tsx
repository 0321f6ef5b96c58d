import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { positionsQuery } from '@/api/performance';
import type { Position } from '@/api/types';
import { ErrorBlock, Card, LoadingBlock, useCut, ValueBars } from '@/ui';

interface Props {
  fundId: string;
  currency: string | undefined;
}

const SHOWN = 12;

/** Remaining cost and fair value of the largest holdings, side by side. */
export function ValueByCompany({ fundId, currency = 'USD' }: Props) {
  const holdings = useQuery(positionsQuery({ fund_id: Number(fundId), ...useCut() }));
  const bars = useMemo(() => barsOf(holdings.data?.items ?? []), [holdings.data]);
  if (holdings.data && bars.length === 0) return null;
  return (
    <Card>
      {holdings.isError ? (
        <ErrorBlock error={holdings.error} what="the values" onRetry={() => void holdings.refetch()} />
      ) : holdings.data ? (
        <ValueBars rows={bars} currency={currency} />
      ) : (
        <LoadingBlock size="m" label="values by company" />
      )}
    </Card>
  );
}

/** The largest holdings; where a company has several, each by its own name. */
function barsOf(held: Position[]) {
  const times = new Map<string, number>();
  for (const { company } of held) times.set(company, (times.get(company) ?? 0) + 1);
  return held
    .filter((row) => Number(row.fair_value) > 0)
    .sort((a, b) => Number(b.fair_value) - Number(a.fair_value))
    .slice(0, SHOWN)
    .map((row) => ({
      name: times.get(row.company)! > 1 ? `${row.company}, ${row.name}` : row.company,
      cost: row.remaining_cost,
      value: row.fair_value,
    }));
}
