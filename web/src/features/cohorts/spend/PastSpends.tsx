import type { Cohort } from '@/api/types';
import { formatDate, formatInt } from '@/lib/format';
import { type Column, DataTable, EmptyBlock, Money } from '@/ui';

interface Props {
  cohorts: Cohort[];
  currency: string;
  /** As of a past day, or as it was known then. */
  past: boolean;
}

/** The spend by month, to read. */
export function PastSpends({ cohorts, currency, past }: Props) {
  return (
    <DataTable
      data={cohorts}
      columns={columns(currency)}
      label="Acquisition spend"
      fileName="spend"
      rowId={(row) => row.cohort_month}
      heading={{
        title: 'Acquisition spend',
        sub: past ? 'As of the chosen date; choose today to edit it' : 'By cohort month',
      }}
      empty={<EmptyBlock title="No spend yet" hint="What was spent to win the customers of each month." />}
    />
  );
}

const columns = (currency: string): Column<Cohort>[] => [
  {
    id: 'cohort_month',
    accessorKey: 'cohort_month',
    size: 120,
    meta: { label: 'Month', narrow: 100 },
    cell: ({ row: { original: row } }) => formatDate(row.cohort_month, 'month'),
  },
  {
    id: 'spend',
    accessorKey: 'spend',
    size: 140,
    meta: { label: `Spend, ${currency}`, align: 'right', narrow: 120 },
    cell: ({ row: { original: row } }) => (
      <Money value={row.spend} currency={currency} bare why="no spend recorded" />
    ),
  },
  {
    id: 'customers',
    accessorKey: 'customers',
    size: 110,
    sortFn: 'basic',
    meta: { label: 'Customers', align: 'right', narrow: 80 },
    cell: ({ row: { original: row } }) => formatInt(row.customers),
  },
];
