import type { ReactNode } from 'react';
import type { Threshold } from '@/api/types';
import { formatInstant, formatPercent } from '@/lib/format';
import { type Column, DataTable, EmptyBlock, IconBan, IconPencil, RowAction } from '@/ui';

interface Props {
  rows: Threshold[];
  add: ReactNode;
  /** The figures above are as known on another day; these rows are not. */
  past: boolean;
  /** Absent for whoever may not. */
  onEdit?: (row: Threshold) => void;
  onVoid?: (row: Threshold) => void;
}

/** The least payment ÷ spend of each period. */
export function Minimums({ rows, add, past, onEdit, onVoid }: Props) {
  return (
    <DataTable
      data={rows}
      columns={columns(onEdit, onVoid)}
      label="Minimums"
      fileName="minimums"
      rowId={(row) => String(row.id)}
      heading={{
        title: 'Minimums',
        sub: past
          ? 'As they are recorded now, not as they were known'
          : 'Payments ÷ spend by months since the cohort began; equality is met',
      }}
      empty={
        <EmptyBlock
          title="No minimums yet"
          hint="A minimum says what share of the spend has to come back in a month of every cohort."
          action={add}
        />
      }
    />
  );
}

function columns(onEdit: Props['onEdit'], onVoid: Props['onVoid']): Column<Threshold>[] {
  return [
    {
      id: 'payment_period_month',
      accessorKey: 'payment_period_month',
      size: 90,
      sortFn: 'basic',
      meta: { label: 'Month', align: 'right', narrow: 60 },
    },
    {
      id: 'minimum_payment_percent',
      accessorKey: 'minimum_payment_percent',
      size: 110,
      sortFn: 'basic',
      meta: { label: 'Minimum', align: 'right', narrow: 80 },
      cell: ({ row: { original: row } }) => formatPercent(row.minimum_payment_percent, { dp: 2 }),
    },
    {
      id: 'recorded_at',
      accessorKey: 'recorded_at',
      size: 160,
      meta: { label: 'Since' },
      cell: ({ row: { original: row } }) => <span className="tnum">{formatInstant(row.recorded_at)}</span>,
    },
    ...(onEdit && onVoid
      ? [
          {
            id: 'actions',
            size: 90,
            enableSorting: false,
            accessorFn: () => null,
            meta: { label: 'Change', csv: false as const, sort: false as const, narrow: 70 },
            cell: ({ row: { original: row } }: { row: { original: Threshold } }) => (
              <>
                <RowAction
                  label={`Change the minimum of month ${row.payment_period_month}`}
                  icon={IconPencil}
                  onClick={() => onEdit(row)}
                />
                <RowAction
                  label={`Void the minimum of month ${row.payment_period_month}`}
                  icon={IconBan}
                  onClick={() => onVoid(row)}
                />
              </>
            ),
          },
        ]
      : []),
  ];
}
