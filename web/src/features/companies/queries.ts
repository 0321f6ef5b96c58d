import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import { cursorPaging, type ListQuery, PAGE_SIZE } from '@/api/lists';
import type { Cut } from '@/api/performance';

const ALL = 1000;

export async function fetchCompanies(query: ListQuery) {
  return (await http.GET('/api/v1/companies', { params: { query } })).data!;
}

export const companiesList = (query: ListQuery) =>
  infiniteQueryOptions({
    queryKey: ['companies', query],
    queryFn: ({ pageParam }) => fetchCompanies({ ...query, limit: PAGE_SIZE, cursor: pageParam }),
    ...cursorPaging,
  });

export const roundsQuery = (id: string) =>
  queryOptions({
    queryKey: ['companies', id, 'rounds'],
    queryFn: async () => {
      const query = { company_id: Number(id), sort: '-closed_on', limit: ALL };
      return (await http.GET('/api/v1/rounds', { params: { query } })).data!.items;
    },
  });

/** Marks of the company's equity, and of every holding in it. */
export const marksQuery = (id: string, cut: Cut) =>
  queryOptions({
    queryKey: ['companies', id, 'marks', cut],
    queryFn: async () => {
      const query = { within_company_id: Number(id), sort: '-measured_on', limit: ALL, ...cut };
      return (await http.GET('/api/v1/marks', { params: { query } })).data!.items;
    },
  });

export const transactionsQuery = (id: string, cut: Cut) =>
  queryOptions({
    queryKey: ['companies', id, 'transactions', cut],
    queryFn: async () => {
      const query = { company_id: Number(id), sort: '-transacted_on', limit: ALL, ...cut };
      return (await http.GET('/api/v1/transactions', { params: { query } })).data!.items;
    },
  });

/** The newest market prices of a listed company. */
export const pricesQuery = (id: string) =>
  queryOptions({
    queryKey: ['companies', id, 'prices'],
    queryFn: async () => {
      const params = { path: { company_id: Number(id) }, query: { limit: 5 } };
      return (await http.GET('/api/v1/companies/{company_id}/financial-data', { params })).data!;
    },
    staleTime: 0,
  });

export async function askForPrices(company_id: number): Promise<void> {
  await http.POST('/api/v1/companies/{company_id}/financial-data/fetch', {
    params: { path: { company_id } },
    body: { again: false },
  });
}

/** With which month its fiscal years end, from which day on; none: calendar years. */
export const fiscalYearsQuery = (id: string) =>
  queryOptions({
    queryKey: ['companies', id, 'fiscal-years'],
    queryFn: async () => {
      const params = { path: { company_id: Number(id) } };
      return (await http.GET('/api/v1/companies/{company_id}/fiscal-years', { params })).data!;
    },
  });

export async function setFiscalYear(
  id: string,
  body: { starts_on: string; year_ends_in: number },
): Promise<void> {
  await http.PUT('/api/v1/companies/{company_id}/fiscal-years', {
    params: { path: { company_id: Number(id) } },
    body,
  });
}

export async function takeBackFiscalYear(id: string, fiscal_year_id: number): Promise<void> {
  await http.POST('/api/v1/companies/{company_id}/fiscal-years/{fiscal_year_id}/void', {
    params: { path: { company_id: Number(id), fiscal_year_id } },
    body: { reason: 'Taken back on the company’s page' },
  });
}
