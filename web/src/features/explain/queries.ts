import { queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import type { Cut } from '@/api/performance';
import type { Performance } from '@/api/types';
import type { FigureRef } from '@/ui';

export const explainQuery = ({ subject, id }: FigureRef, { as_of, known_at }: Cut) =>
  queryOptions({
    queryKey: ['explain', subject, String(id), { as_of, known_at }],
    queryFn: async () => {
      const { data } = await http.GET(`/api/v1/${subject}/{id}/performance`, {
        params: { path: { id }, query: { as_of, known_at, explain: true } },
      });
      return data as Performance;
    },
  });
