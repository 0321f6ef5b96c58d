import { queryOptions, useQuery } from '@tanstack/react-query';
import { http } from './client';

/** The firm's funds by name, for choosing one. */
export const fundChoices = queryOptions({
  queryKey: ['funds', 'choices'],
  queryFn: async () => {
    const { data } = await http.GET('/api/v1/funds', { params: { query: { limit: 1000, sort: 'name' } } });
    return data!.items;
  },
});

/** The name of a fund by its id, where a list gives only the id. */
export function useFundName(): (id: number) => string {
  const { data } = useQuery(fundChoices);
  return (id) => data?.find((fund) => fund.id === id)?.name ?? `Fund ${id}`;
}
