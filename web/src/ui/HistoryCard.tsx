import type { UseQueryResult } from '@tanstack/react-query';
import type { SeriesPoint } from '@/api/types';
import { Card } from './Card';
import { NavChart } from './charts/NavChart';
import { EmptyBlock } from './states/EmptyBlock';
import { ErrorBlock } from './states/ErrorBlock';
import { LoadingBlock } from './states/LoadingBlock';

interface Props {
  query: UseQueryResult<SeriesPoint[]>;
  currency: string | undefined;
  of: 'fund' | 'company';
}

/** The history chart in its card, whatever state its data is in. */
export function HistoryCard({ query, currency, of }: Props) {
  return (
    <Card>
      {query.isError ? (
        <ErrorBlock error={query.error} what="the history" onRetry={() => void query.refetch()} />
      ) : !query.data || !currency ? (
        <LoadingBlock size="m" label="the history" />
      ) : query.data.length === 0 ? (
        <EmptyBlock title="No history yet" hint="The chart begins with the first dated flow." />
      ) : (
        <NavChart series={query.data} currency={currency} of={of} />
      )}
    </Card>
  );
}
