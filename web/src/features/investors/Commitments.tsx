import type { Commitment } from '@/api/types';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useFundNames } from '@/api/funds';
import { formatDate } from '@/lib/format';
import { type Column, DataTable, EmptyBlock, FactButton, Loaded, Money, useCut } from '@/ui';
import { commitmentsQuery } from './queries';

const columns = (fundName: (id: number) => string): Column<Commitment>[] => [
  {
    id: 'fund',
    accessorFn: (row) => fundName(row.fund_id),
    size: 300,
    meta: { label: 'Fund', narrow: true },
    cell: ({ row: { original: row } }) => (
      <Link to="/funds/$fundId" params={{ fundId: String(row.fund_id) }}>
        {fundName(row.fund_id)}
      </Link>
    ),
  },
  {
    id: 'committed_on',
    accessorKey: 'committed_on',
    size: 140,
    meta: { label: 'Closing' },
    cell: ({ row: { original: row } }) => (
      <FactButton record="commitments" id={row.id}>
        <span className="tnum">{formatDate(row.committed_on)}</span>
        <span className="sr-only">, the commitment</span>
      </FactButton>
    ),
  },
  {
    id: 'amount',
    accessorFn: (row) => Number(row.amount),
    sortFn: 'basic',
    size: 170,
    meta: { label: 'Commitment', align: 'right', narrow: true },
    cell: ({ row: { original: row } }) => <Money value={row.amount} currency={row.currency} />,
  },
];

export function Commitments({ investorId }: { investorId: string }) {
  const commitments = useQuery(commitmentsQuery(investorId, useCut()));
  const fundName = useFundNames([...new Set((commitments.data ?? []).map((row) => row.fund_id))]);
  return (
    <Loaded query={commitments} what="the commitments" size="m">
      {(rows) => (
        <DataTable
          data={rows}
          columns={columns(fundName)}
          label="Commitments"
          fileName="commitments"
          rowId={(row) => String(row.id)}
          heading={{ title: 'Commitments', sub: 'By fund and closing' }}
          empty={
            <EmptyBlock title="No commitments recorded" hint="What was promised to a fund shows here." />
          }
        />
      )}
    </Loaded>
  );
}
