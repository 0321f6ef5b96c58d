import type { LedgerRow } from '@/api/types';
import type { FactRecord } from '@/lib/facts';
import { formatDate, formatInstant, humanise } from '@/lib/format';
import { type Column, FactButton, Money, Struck } from '@/ui';

export const LEDGER_COLUMNS: Column<LedgerRow>[] = [
  {
    id: 'on',
    accessorKey: 'on',
    size: 116,
    meta: { label: 'Date', sort: 'on', narrow: 102 },
    cell: ({ row: { original: row } }) => (
      <Struck by={row.void_reason}>
        <span className="tnum">{formatDate(row.on)}</span>
      </Struck>
    ),
  },
  {
    id: 'kind',
    accessorFn: (row) => humanise(row.kind),
    size: 150,
    meta: { label: 'Kind', sort: 'kind', narrow: 110 },
    cell: ({ row: { original: row } }) => (
      <FactButton record={row.record as FactRecord} id={row.id}>
        {humanise(row.kind)}
        <span className="sr-only"> of {formatDate(row.on)}</span>
        <span className="narrow-only">{row.company ?? row.investor}</span>
      </FactButton>
    ),
  },
  {
    id: 'party',
    accessorFn: (row) => row.company ?? row.investor ?? '',
    size: 180,
    meta: { label: 'Company or investor', sort: false },
  },
  {
    id: 'memo',
    accessorFn: (row) => (row.voided_at ? `Voided: ${row.void_reason}` : row.memo),
    size: 216,
    meta: { label: 'Note', sort: false },
  },
  {
    id: 'recorded_at',
    accessorKey: 'recorded_at',
    size: 178,
    meta: { label: 'Recorded', sort: 'recorded_at' },
    cell: ({ row: { original: row } }) => <span className="tnum">{formatInstant(row.recorded_at)}</span>,
  },
  {
    id: 'cash',
    accessorKey: 'cash',
    size: 140,
    meta: { label: 'Cash', align: 'right', sort: 'cash' },
    cell: ({ row: { original: row } }) => (
      <Money value={row.cash} currency={row.currency} symbol={false} negative="parens" why={noCash(row)} />
    ),
  },
  {
    id: 'amount',
    accessorKey: 'amount',
    size: 140,
    meta: { label: 'Amount', align: 'right', sort: 'amount', narrow: 124 },
    cell: ({ row: { original: row } }) => (
      <Struck by={row.void_reason}>
        <Money value={row.amount} currency={row.currency} symbol={false} />
      </Struck>
    ),
  },
];

function noCash(row: LedgerRow): string {
  if (row.voided_at) return 'voided';
  return row.record === 'capital-calls' || row.record === 'distributions' ? 'not paid yet' : 'moves no cash';
}
