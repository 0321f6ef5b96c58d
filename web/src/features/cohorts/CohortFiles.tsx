import type { Cut } from '@/api/performance';
import { FileMenu, useCut } from '@/ui';

/** What a company's tables are called, and which of the days looked from each of them can be asked for. */
const TABLES = {
  cohorts_table: { label: 'Cohort table', cut: ['as_of', 'known_at'] },
  cashflows: { label: 'Cash flows', cut: ['as_of', 'known_at'] },
  owed: { label: 'Owed', cut: ['as_of', 'known_at'] },
  'threshold-breaches': { label: 'Breaches', cut: ['as_of', 'known_at'] },
  customers: { label: 'Customers', cut: ['as_of', 'known_at'] },
  payments: { label: 'Payments', cut: ['known_at'] },
  spends: { label: 'Spend', cut: ['known_at'] },
  trades: { label: 'Trades', cut: ['known_at'] },
  thresholds: { label: 'Minimums', cut: ['known_at'] },
  'threshold-overrides': { label: 'Breaches set aside', cut: ['known_at'] },
  scenarios: { label: 'Scenarios', cut: ['known_at'] },
  'payment-uploads': { label: 'Uploads', cut: [] },
  'monthly-rounds': { label: 'Rounds', cut: [] },
} as const;

export type CohortTable = keyof typeof TABLES;
type Query = Record<string, string | undefined>;

/** The tables of a page, and how many rows each has; undefined where that is not known. */
export type TablesOfPage = Partial<Record<CohortTable, number | undefined>>;

/** The address of a table as a file of the server: all of its rows, whatever the page shows. */
export function cohortFileHref(
  companyId: string,
  table: CohortTable,
  form: 'csv' | 'xlsx',
  cut: Cut,
  query: Query = {},
): string {
  const wanted = new URLSearchParams({ format: form });
  const days = TABLES[table].cut.map((name) => [name, cut[name]] as const);
  for (const [name, value] of [...days, ...Object.entries(query)]) if (value) wanted.set(name, value);
  return `/api/v1/companies/${companyId}/${table}?${wanted.toString()}`;
}

interface Props {
  companyId: string;
  tables: TablesOfPage;
  query?: Partial<Record<CohortTable, Query>>;
}

/** The tables of a page as files. */
export function CohortFiles({ companyId, tables, query = {} }: Props) {
  const cut = useCut();
  const files = (Object.keys(tables) as CohortTable[]).map((table) => ({
    isEmpty: tables[table] === 0,
    label: TABLES[table].label,
    href: (form: 'csv' | 'xlsx') => cohortFileHref(companyId, table, form, cut, query[table]),
  }));
  return <FileMenu files={files} />;
}
