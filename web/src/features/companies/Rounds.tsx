import type { Round } from '@/api/types';
import { useQuery } from '@tanstack/react-query';
import { formatDate, formatQuantity, NA } from '@/lib/format';
import { type Column, DataTable, EmptyBlock, Loaded, Money, NotAvailable } from '@/ui';
import { roundsQuery } from './queries';

const money = (id: 'raised' | 'pre_money' | 'post_money', label: string, narrow = false): Column<Round> => ({
  id,
  accessorFn: (row) => row[id],
  size: 130,
  meta: { label, align: 'right', narrow },
  cell: ({ row: { original: round } }) => (
    <Money value={round[id]} currency={round.currency} unit="auto" why="not recorded" />
  ),
});

const COLUMNS: Column<Round>[] = [
  { id: 'name', accessorKey: 'name', size: 180, meta: { label: 'Round', narrow: true } },
  {
    id: 'closed_on',
    accessorKey: 'closed_on',
    size: 130,
    meta: { label: 'Closed', narrow: true },
    cell: ({ row: { original: round } }) => <span className="tnum">{formatDate(round.closed_on)}</span>,
  },
  money('raised', 'Raised'),
  money('pre_money', 'Pre-money'),
  {
    id: 'price_per_share',
    accessorKey: 'price_per_share',
    size: 130,
    meta: { label: 'Price a share', align: 'right' },
    cell: ({ row: { original: round } }) => {
      const text = formatQuantity(round.price_per_share);
      return text === NA ? <NotAvailable why="not recorded" /> : text;
    },
  },
  money('post_money', 'Post-money', true),
];

export function Rounds({ companyId }: { companyId: string }) {
  const rounds = useQuery(roundsQuery(companyId));
  return (
    <Loaded query={rounds} what="the rounds" size="m">
      {(rows) => (
        <DataTable
          data={rows}
          columns={COLUMNS}
          label="Rounds"
          fileName="rounds"
          rowId={(row) => String(row.id)}
          heading={{ title: 'Rounds', sub: 'Its financings, whether or not we joined' }}
          empty={<EmptyBlock title="No rounds recorded" hint="A financing of the company shows here." />}
        />
      )}
    </Loaded>
  );
}
