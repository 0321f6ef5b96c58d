import type { LedgerRow } from '@/api/types';
import { formatDate, formatInstant, humanise } from '@/lib/format';
import { type Column, IconBan, Money, RowAction } from '@/ui';

/** `onVoid` is absent for those who may not change the ledger. */
export function ledgerColumns(onVoid?: (row: LedgerRow) => void): Column<LedgerRow>[] {
  return [
    {
      id: 'on',
      accessorKey: 'on',
      size: 116,
      meta: { label: 'Date', sort: 'on', narrow: 102 },
      cell: ({ row: { original: row } }) => <span className="tnum">{formatDate(row.on)}</span>,
    },
    {
      id: 'kind',
      accessorFn: (row) => humanise(row.kind),
      size: 150,
      meta: { label: 'Kind', sort: 'kind', narrow: 94 },
    },
    {
      id: 'party',
      accessorFn: (row) => row.company ?? row.investor ?? '',
      size: 200,
      meta: { label: 'Company or investor', sort: false },
    },
    { id: 'memo', accessorKey: 'memo', size: 260, meta: { label: 'Note', sort: false } },
    {
      id: 'recorded_at',
      accessorKey: 'recorded_at',
      size: 160,
      meta: { label: 'Recorded', sort: 'recorded_at' },
      cell: ({ row: { original: row } }) => <span className="tnum">{formatInstant(row.recorded_at)}</span>,
    },
    ...(onVoid ? [voidColumn(onVoid)] : []),
    {
      id: 'amount',
      accessorFn: (row) => row.cash ?? row.amount,
      size: 150,
      meta: { label: 'Amount', align: 'right', sort: false, narrow: 124 },
      cell: ({ row: { original: row } }) => (
        <Money value={row.cash ?? row.amount} currency={row.currency} symbol={false} negative="parens" />
      ),
    },
  ];
}

function voidColumn(onVoid: (row: LedgerRow) => void): Column<LedgerRow> {
  return {
    id: 'actions',
    size: 64,
    meta: { label: 'Actions', csv: false, sort: false, narrow: 46 },
    cell: ({ row: { original: row } }) => (
      <RowAction
        label={`Void the ${humanise(row.kind).toLowerCase()} of ${formatDate(row.on)}`}
        icon={IconBan}
        onClick={() => onVoid(row)}
      />
    ),
  };
}
