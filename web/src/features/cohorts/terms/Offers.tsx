import type { Solved } from '@/api/types';
import { formatMultiple, formatPercent, tableUnit, unitLabel } from '@/lib/format';
import { type Column, DataTable, Money, StatusPill } from '@/ui';

type Offer = Solved['proposal']['offers'][number];

const VERDICTS: Record<string, string> = {
  found: 'Meets the aims',
  loss_too_likely: 'Loss too likely',
  target_out_of_reach: 'Target out of reach',
};

/** Every share that was tried, with the least cap that reaches the target. */
export function Offers({ found, currency }: { found: Solved; currency: string }) {
  const { offers } = found.proposal;
  const unit = tableUnit(offers.flatMap((one) => [one.outlay, one.cash_cap]));
  const money = (id: 'outlay' | 'cash_cap', label: string, narrow: boolean, why?: string): Column<Offer> => ({
    id,
    accessorKey: id,
    size: 130,
    meta: { label: `${label}, ${unitLabel(currency, unit)}`, align: 'right', narrow: narrow && 110 },
    cell: ({ row: { original: row } }) => (
      <Money value={row[id]} currency={currency} unit={unit} bare why={why} />
    ),
  });
  const columns: Column<Offer>[] = [
    {
      id: 'sharing_percentage',
      accessorKey: 'sharing_percentage',
      size: 90,
      meta: { label: 'Share', align: 'right', narrow: 64 },
      cell: ({ row: { original: row } }) => formatPercent(row.sharing_percentage, { dp: 0 }),
    },
    money('outlay', 'Outlay', false),
    money('cash_cap', 'Least cap', true, 'no cap reaches the target'),
    {
      id: 'multiple',
      accessorKey: 'multiple',
      size: 100,
      meta: { label: 'Multiple', align: 'right' },
      cell: ({ row: { original: row } }) => formatMultiple(row.multiple),
    },
    {
      id: 'chance_of_loss',
      accessorKey: 'chance_of_loss',
      size: 150,
      meta: { label: 'Probability of loss', align: 'right', narrow: 140 },
      cell: ({ row: { original: row } }) => formatPercent(row.chance_of_loss),
    },
    {
      id: 'chance_of_target',
      accessorKey: 'chance_of_target',
      size: 150,
      meta: { label: 'Reach the target', align: 'right' },
      cell: ({ row: { original: row } }) => formatPercent(row.chance_of_target),
    },
    {
      id: 'verdict',
      accessorFn: (row) => VERDICTS[row.verdict] ?? row.verdict,
      size: 160,
      meta: { label: 'Verdict' },
      cell: ({ row: { original: row } }) =>
        row.verdict === 'found' ? (
          <StatusPill tone="pos">{VERDICTS.found}</StatusPill>
        ) : (
          VERDICTS[row.verdict]
        ),
    },
  ];
  return (
    <DataTable
      data={offers}
      columns={columns}
      label="Terms tried"
      fileName="terms-tried"
      rowId={(row) => row.sharing_percentage}
      heading={{ title: 'Terms tried', sub: 'The largest share that meets the aims is proposed' }}
    />
  );
}
