import { queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import type { Detail } from '@/ui';
import type { Version } from './queries';

/** Whom a fact is about, by name, and the currency of its amounts. */
export interface About {
  details: Detail[];
  currency: string | undefined;
}

const company = async (company_id: number) =>
  (await http.GET('/api/v1/companies/{company_id}', { params: { path: { company_id } } })).data!;

const investor = async (investor_id: number) =>
  (await http.GET('/api/v1/investors/{investor_id}', { params: { path: { investor_id } } })).data!;

const vehicle = async (vehicle_id: number) =>
  (await http.GET('/api/v1/vehicles/{vehicle_id}', { params: { path: { vehicle_id } } })).data!;

async function held(holding_id: number): Promise<About> {
  const holding = (await http.GET('/api/v1/holdings/{holding_id}', { params: { path: { holding_id } } }))
    .data!;
  const params = { path: { investment_id: holding.investment_id } };
  const made = (await http.GET('/api/v1/investments/{investment_id}', { params })).data!;
  const details = [
    { label: 'Company', value: made.company.name },
    { label: 'Holding', value: holding.name },
  ];
  return { details, currency: made.currency };
}

/** What the ids of a fact stand for; these stay what they are in all its versions. */
export const aboutQuery = (fact: Version) =>
  queryOptions({
    queryKey: ['fact', 'about', fact.holding_id, fact.company_id, fact.investor_id, fact.vehicle_id],
    queryFn: async (): Promise<About> => {
      if (fact.holding_id) return held(Number(fact.holding_id));
      if (fact.company_id) {
        const found = await company(Number(fact.company_id));
        return { details: [{ label: 'All equity of', value: found.name }], currency: found.currency };
      }
      const books = fact.vehicle_id ? await vehicle(Number(fact.vehicle_id)) : undefined;
      const whose = fact.investor_id ? await investor(Number(fact.investor_id)) : undefined;
      return {
        details: [
          ...(whose ? [{ label: 'Investor', value: whose.name }] : []),
          ...(books ? [{ label: 'Vehicle', value: books.name }] : []),
        ],
        currency: books?.currency,
      };
    },
    staleTime: 5 * 60_000,
  });
