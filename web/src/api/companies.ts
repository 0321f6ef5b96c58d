import { queryOptions } from '@tanstack/react-query';
import { http } from './client';

export const companyQuery = (id: string) =>
  queryOptions({
    queryKey: ['companies', 'one', id],
    queryFn: async () => {
      const params = { path: { company_id: Number(id) } };
      return (await http.GET('/api/v1/companies/{company_id}', { params })).data!;
    },
  });
