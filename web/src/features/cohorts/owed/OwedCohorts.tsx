import type { Owed, OwedCohort } from '@/api/types';
import { formatDate, formatPercent } from '@/lib/format';
import { type Column, DataTable, Money, NotAvailable, StatusPill, TextButton } from '@/ui';

interface Props {
  data: Owed;
  fileName: string;
  onOpen: (cohortMonth: string) => void;
}

const NOT_YET = 'no payment of the month is recorded yet';

/** A row a funded cohort: what was paid in the month, the share of it, and what is owed. */
export function OwedCohorts({ data, fileName, onOpen }: Props) {
  const money = (id: Amount, label: string, narrow = false, why = NOT_YET): Column<OwedCohort> => ({
    id,
    accessorKey: id,
    size: 140,
    meta: { label: `${label}, ${data.currency}`, align: 'right', narrow: narrow && 110 },
    cell: ({ row: { original: row } }) => (
      <Money value={row[id]} currency={data.currency} bare why={row.reason === null ? why : NOT_YET} />
    ),
  });
  const columns: Column<OwedCohort>[] = [
    {
      id: 'cohort_month',
      accessorKey: 'cohort_month',
      size: 120,
      meta: { label: 'Cohort', narrow: 80 },
      cell: ({ row: { original: row } }) => (
        <TextButton onClick={() => onOpen(row.cohort_month)}>
          {formatDate(row.cohort_month, 'month')}
        </TextButton>
      ),
    },
    {
      id: 'period',
      accessorKey: 'period',
      size: 80,
      sortFn: 'basic',
      meta: { label: 'Month', align: 'right' },
    },
    money('payment', 'Payments'),
    money('minimum_payment', 'Minimum', false, 'this month has no minimum'),
    {
      id: 'share_applied',
      accessorKey: 'share_applied',
      size: 90,
      meta: { label: 'Share', align: 'right', narrow: 60 },
      cell: ({ row: { original: row } }) =>
        row.share_applied === null ? (
          <NotAvailable why={NOT_YET} />
        ) : (
          formatPercent(row.share_applied, { dp: 0 })
        ),
    },
    money('collected', 'Owed', true),
    money('cumulative_collected', 'Owed so far'),
    {
      id: 'state',
      accessorFn: stateOf,
      size: 150,
      filterFn: 'arrIncludesSome',
      meta: { label: 'State', facet: true },
      cell: ({ row: { original: row } }) => <State cohort={row} />,
    },
  ];
  return (
    <DataTable
      data={data.cohorts}
      columns={columns}
      label="Owed by cohort"
      fileName={fileName}
      rowId={(row) => row.cohort_month}
      heading={{ title: 'By cohort', sub: 'A cohort opens to the steps behind what is owed' }}
      totals={[
        {
          label: 'Owed',
          cells: { collected: <Money value={data.total} currency={data.currency} bare /> },
        },
      ]}
    />
  );
}

type Amount = 'payment' | 'minimum_payment' | 'collected' | 'cumulative_collected';

function stateOf(cohort: OwedCohort): string {
  if (cohort.reason !== null) return 'No payments yet';
  if (cohort.capped) return 'Cap reached';
  if (!cohort.threshold_failed) return 'Collecting';
  return cohort.overridden ? 'Minimum set aside' : 'Below minimum';
}

function State({ cohort }: { cohort: OwedCohort }) {
  const state = stateOf(cohort);
  if (state === 'Below minimum') return <StatusPill tone="neg">{state}</StatusPill>;
  if (state === 'Cap reached') return <StatusPill tone="pos">{state}</StatusPill>;
  return <>{state}</>;
}
