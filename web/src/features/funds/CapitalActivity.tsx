import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { fetchLedger, type LedgerRow } from '@/api/ledger';
import { formatDate, humanise } from '@/lib/format';
import { type Column, DataTable, EmptyBlock, Loaded, Money, useCut } from '@/ui';

const KINDS = 'call,distribution';

const COLUMNS: Column<LedgerRow>[] = [
  {
    id: 'on',
    accessorKey: 'on',
    size: 128,
    meta: { label: 'Date', narrow: true },
    cell: ({ row: { original: row } }) => <span className="tnum">{formatDate(row.on)}</span>,
  },
  {
    id: 'kind',
    accessorFn: (row) => humanise(row.kind),
    size: 132,
    meta: { label: 'Kind', narrow: true },
  },
  { id: 'memo', accessorKey: 'memo', size: 320, meta: { label: 'Purpose' } },
  {
    id: 'amount',
    accessorFn: (row) => Number(row.cash ?? row.amount),
    sortFn: 'basic',
    size: 150,
    meta: { label: 'Amount', align: 'right', narrow: true },
    cell: ({ row: { original: row } }) => (
      <Money value={row.cash ?? row.amount} currency={row.currency} negative="parens" />
    ),
  },
];

/** The latest calls and distributions. */
export function CapitalActivity({ fundId }: { fundId: string }) {
  const cut = useCut();
  const activity = useQuery({
    queryKey: ['ledger', fundId, 'capital', cut],
    queryFn: () => fetchLedger(fundId, { ...cut, kind: KINDS, sort: '-on', limit: 50 }),
  });
  return (
    <Loaded query={activity} what="the capital activity" size="m">
      {(page) => (
        <DataTable
          data={page.items}
          columns={COLUMNS}
          label="Capital activity"
          fileName="capital-activity"
          rowId={(row) => `${row.record}-${row.id}`}
          heading={{
            title: 'Capital activity',
            sub: 'Calls from investors and distributions to them, newest first',
            right: (
              <Link to="/ledger" search={{ fund: fundId }}>
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
