import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Card } from './Card';
import { ErrorBlock } from './states/ErrorBlock';
import { LoadingBlock } from './states/LoadingBlock';

interface Props<T> {
  query: UseQueryResult<T>;
  what: string;
  size: 's' | 'm' | 'l';
  children: (data: T) => ReactNode;
}

/** Every query shows one of: a skeleton in the final shape, an error with a retry, or its data. */
export function Loaded<T>({ query, what, size, children }: Props<T>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) {
    return (
      <Card>
        <ErrorBlock error={query.error} what={what} onRetry={() => void query.refetch()} />
      </Card>
    );
  }
  return <LoadingBlock size={size} label={what} />;
}
