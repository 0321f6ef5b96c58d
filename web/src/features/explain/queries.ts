import { queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import type { Cut } from '@/api/performance';
import type { Decimal, Performance } from '@/api/types';
import type { FigureRef } from '@/ui';

export interface ExplainedFlow {
  on: string;
  amount: Decimal;
  kind: string;
  record: string;
  id: number;
}

/** How one figure was made. */
export interface Explanation {
  formula: string;
  value: Decimal | number | null;
  status: string | null;
  inputs: Record<string, Decimal | number | string | null>;
  flows: ExplainedFlow[];
  residual: number | null;
}

export interface Explained extends Performance {
  explain: Record<string, Explanation>;
}

export const explainQuery = ({ subject, id }: FigureRef, { as_of, known_at }: Cut) =>
  queryOptions({
    queryKey: ['explain', subject, String(id), { as_of, known_at }],
    queryFn: async () => {
      const { data } = await http.GET(`/api/v1/${subject}/{id}/performance`, {
        params: { path: { id }, query: { as_of, known_at, explain: true } },
      });
      return data as Explained;
    },
  });
