import { queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import type { FactRecord, FactRef } from '@/lib/facts';

/** A fact's columns, by their names in the API; money and shares are decimal strings. */
export type Fact = Record<string, unknown> & { id: number; version: number };

/** A fact as it was recorded at one time. */
export type Version = Fact & {
  recorded_at: string;
  recorded_by: number | null;
  voided_at: string | null;
  void_reason: string | null;
  batch_id: number | null;
  /** Null: it is what stands now. */
  superseded_at: string | null;
};

const KEYS = {
  commitments: 'commitment_id',
  'capital-calls': 'call_id',
  distributions: 'distribution_id',
  'vehicle-entries': 'entry_id',
  transactions: 'transaction_id',
  marks: 'mark_id',
  'reported-navs': 'nav_id',
} as const satisfies Record<FactRecord, string>;

/** Each record's paths are made alike; the description checks that they exist. */
const PATHS = {
  commitments: '/api/v1/commitments/{commitment_id}',
  'capital-calls': '/api/v1/capital-calls/{call_id}',
  distributions: '/api/v1/distributions/{distribution_id}',
  'vehicle-entries': '/api/v1/vehicle-entries/{entry_id}',
  transactions: '/api/v1/transactions/{transaction_id}',
  marks: '/api/v1/marks/{mark_id}',
  'reported-navs': '/api/v1/reported-navs/{nav_id}',
} as const satisfies Record<FactRecord, string>;

const place = ({ record, id }: FactRef) => ({ [KEYS[record]]: id });

export const factQuery = (fact: FactRef) =>
  queryOptions({
    queryKey: ['fact', fact],
    queryFn: async () => {
      const params = { path: place(fact) } as never;
      return (await http.GET(PATHS[fact.record], { params })).data as unknown as Fact;
    },
  });

export const versionsQuery = (fact: FactRef) =>
  queryOptions({
    queryKey: ['fact', fact, 'versions'],
    queryFn: async () => {
      const params = { path: place(fact) } as never;
      const path = `${PATHS[fact.record]}/versions` as const;
      return (await http.GET(path, { params })).data as unknown as Version[];
    },
    staleTime: 0,
  });

/** Supersedes a fact, unless somebody else has done so since `version` was read (412). */
export async function correctFact(fact: FactRef, version: number, body: object): Promise<void> {
  const params = { path: place(fact), header: { 'if-match': `"${version}"` } } as never;
  await http.PUT(PATHS[fact.record], { params, body: body as never });
}

export async function voidFact(fact: FactRef, reason: string): Promise<void> {
  const path = `${PATHS[fact.record]}/void` as const;
  await http.POST(path, { params: { path: place(fact) } as never, body: { reason } });
}
