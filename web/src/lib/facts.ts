/** The kinds of fact, as the API's paths name them. */
export const RECORDS = [
  'commitments',
  'capital-calls',
  'distributions',
  'vehicle-entries',
  'transactions',
  'marks',
  'reported-navs',
] as const;

export type FactRecord = (typeof RECORDS)[number];

export interface FactRef {
  record: FactRecord;
  id: number;
}

/** `marks:12`: what an address holds of an open fact. */
export const factKey = ({ record, id }: FactRef): string => `${record}:${id}`;

export function parseFactKey(key: string | undefined): FactRef | null {
  const [record, id, ...rest] = (key ?? '').split(':');
  const known = RECORDS.find((name) => name === record);
  if (!known || rest.length > 0 || !/^[1-9]\d{0,15}$/.test(id ?? '')) return null;
  return { record: known, id: Number(id) };
}

const TABLES: Record<string, FactRecord> = {
  commitment: 'commitments',
  capital_call: 'capital-calls',
  distribution: 'distributions',
  vehicle_entry: 'vehicle-entries',
  transaction: 'transactions',
  valuation_mark: 'marks',
  reported_nav: 'reported-navs',
};

/** The fact that a row of a table is, where it is a fact of its own and not a line of one. */
export function factOfRow(table: string, id: number): FactRef | null {
  const record = TABLES[table];
  return record ? { record, id } : null;
}

/** What the trail calls a fact. */
export function trailOf({ record, id }: FactRef): string {
  const [table] = Object.entries(TABLES).find(([, name]) => name === record)!;
  return `${table}:${id}`;
}
