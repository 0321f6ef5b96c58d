import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { formatDate, humanise } from '@/lib/format';
import { type Column, DataTable, EmptyBlock, FactButton, Loaded, Money, StatusPill, useCut } from '@/ui';
import { type Activity, activityQuery } from './queries';

const COLUMNS: Column<Activity>[] = [
  {
    id: 'on',
    accessorKey: 'on',
    size: 128,
    meta: { label: 'Date', narrow: 102 },
    cell: ({ row: { original: row } }) => <span className="tnum">{formatDate(row.on)}</span>,
  },
  {
    id: 'kind',
    accessorFn: (row) => humanise(row.kind),
    size: 132,
    meta: { label: 'Kind', narrow: 100 },
    cell: ({ row: { original: row } }) => (
      <FactButton record={row.record} id={row.id}>
        {humanise(row.kind)}
        <span className="sr-only"> of {formatDate(row.on)}</span>
      </FactButton>
    ),
  },
  { id: 'purpose', accessorKey: 'purpose', size: 320, meta: { label: 'Purpose' } },
  {
    id: 'due_on',
    accessorKey: 'due_on',
    size: 128,
    meta: { label: 'Due' },
    cell: ({ row: { original: row } }) => <span className="tnum">{formatDate(row.due_on)}</span>,
  },
  {
    id: 'unpaid',
    accessorFn: (row) => row.unpaid_count,
    size: 120,
    sortFn: 'basic',
    meta: { label: 'Settled' },
    cell: ({ row: { original: row } }) =>
      row.unpaid_count === 0 ? (
        'Settled'
      ) : (
        <StatusPill tone="warn">{`${row.unpaid_count} of ${row.line_count} open`}</StatusPill>
      ),
  },
  {
    id: 'amount',
    accessorFn: (row) => Number(row.amount),
    sortFn: 'basic',
    size: 150,
    meta: { label: 'Amount', align: 'right', narrow: 130 },
    cell: ({ row: { original: row } }) => (
      <Money value={row.amount} currency={row.currency} negative="parens" />
    ),
  },
];

/** The latest calls and distributions. */
export function CapitalActivity({ fundId }: { fundId: string }) {
  const activity = useQuery(activityQuery(fundId, useCut()));
  return (
    <Loaded query={activity} what="the capital activity" size="m">
      {(rows) => (
        <DataTable
          data={rows}
          columns={COLUMNS}
          label="Capital activity"
          fileName="capital-activity"
          rowId={(row) => row.key}
          heading={{
            title: 'Capital activity',
            sub: 'The latest calls from investors and distributions to them',
            right: (
              <Link to="/ledger" search={{ fund: Number(fundId) }}>
                All entries
              </Link>
            ),
          }}
          empty={
            <EmptyBlock
              title="No calls or distributions yet"
              hint="They show here as soon as they are recorded."
            />
          }
        />
      )}
    </Loaded>
  );
}
