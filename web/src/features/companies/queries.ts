import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import { cursorPaging, type ListQuery, PAGE_SIZE } from '@/api/lists';
import type { Cut } from '@/api/performance';
import type { Decimal, Page } from '@/api/types';

export interface Company {
  id: number;
  name: string;
  currency: string;
  industry: string | null;
  sector: string | null;
  country: string | null;
  website: string | null;
  is_public: boolean;
  ticker_symbol: string | null;
  description: string | null;
  version: number;
}

export interface Round {
  id: number;
  name: string;
  closed_on: string;
  currency: string;
  raised: Decimal | null;
  pre_money: Decimal | null;
  post_money: Decimal | null;
  price_per_share: Decimal | null;
}

export interface Mark {
  id: number;
  measured_on: string;
  fair_value: Decimal;
  currency: string;
  method: string;
  memo: string | null;
  holding_id: number | null;
}

export interface CompanyTransaction {
  id: number;
  transacted_on: string;
  kind: string;
  amount: Decimal;
  currency: string;
  holding_id: number;
  memo: string | null;
}

export async function fetchCompanies(query: ListQuery): Promise<Page<Company>> {
  const { data } = await http.GET('/api/v1/companies', { params: { query } });
  return data as Page<Company>;
}

export const companiesList = (query: ListQuery) =>
  infiniteQueryOptions({
    queryKey: ['companies', query],
    queryFn: ({ pageParam }) => fetchCompanies({ ...query, limit: PAGE_SIZE, cursor: pageParam }),
    ...cursorPaging,
  });

export const companyQuery = (id: string) =>
  queryOptions({
    queryKey: ['companies', 'one', id],
    queryFn: async () => {
      const { data } = await http.GET('/api/v1/companies/{company_id}', {
        params: { path: { company_id: id } },
      });
      return data as Company;
    },
  });

const ofCompany = <T>(path: string, id: string, sort: string, cut: Cut) =>
  queryOptions({
    queryKey: ['company-list', path, id, cut],
    queryFn: async () => {
      const query = { company_id: id, sort, limit: 1000, ...cut };
      const { data } = await http.GET(path, { params: { query } });
      return (data as Page<T>).items;
    },
  });

export const roundsQuery = (id: string, cut: Cut) =>
  ofCompany<Round>('/api/v1/rounds', id, '-closed_on', cut);
export const marksQuery = (id: string, cut: Cut) => ofCompany<Mark>('/api/v1/marks', id, '-measured_on', cut);
export const transactionsQuery = (id: string, cut: Cut) =>
  ofCompany<CompanyTransaction>('/api/v1/transactions', id, '-transacted_on', cut);
