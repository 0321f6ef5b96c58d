import { queryOptions } from '@tanstack/react-query';
import { http } from './client';

/** The currencies that have rates, and up to which day. */
export const currenciesQuery = queryOptions({
  queryKey: ['fx', 'currencies'],
  queryFn: async () => (await http.GET('/api/v1/fx/currencies')).data!,
});

/** Those the firm reports in, in its order. */
export const reportingCurrenciesQuery = queryOptions({
  queryKey: ['reporting', 'settings'],
  queryFn: async () => (await http.GET('/api/v1/reporting/settings')).data!,
});
