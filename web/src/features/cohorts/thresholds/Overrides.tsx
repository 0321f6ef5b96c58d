import type { Override } from '@/api/types';
import { formatDate, formatInstant } from '@/lib/format';
import { type Column, DataTable, EmptyBlock, IconBan, IconPencil, RowAction } from '@/ui';

interface Props {
  rows: Override[];
  /** The figures above are as known on another day; these rows are not. */
  past: boolean;
  /** Absent for whoever may not. */
  onEdit?: (row: Override) => void;
  onVoid?: (row: Override) => void;
}

/** The breaches that were set aside: why, and who approved it. */
export function Overrides({ rows, past, onEdit, onVoid }: Props) {
  return (
    <DataTable
      data={rows}
      columns={columns(onEdit, onVoid)}
      label="Overrides"
      fileName="overrides"
      initialHidden={['recorded_at']}
      rowId={(row) => String(row.id)}
      heading={{
        title: 'Overrides',
        sub: past
          ? 'As they are recorded now, not as they were known'
          : 'The normal share applies; the breach stays shown',
      }}
      empty={
        <EmptyBlock title="Nothing set aside" hint="A breach above can be set aside, with its reason." />
      }
    />
  );
}

function columns(onEdit: Props['onEdit'], onVoid: Props['onVoid']): Column<Override>[] {
  return [
    {
      id: 'cell',
      accessorFn: (row) => `${row.cohort_month}, month ${row.payment_period_month}`,
      size: 150,
      meta: { label: 'Cohort', narrow: 110 },
      cell: ({ row: { original: row } }) => wordsOf(row),
    },
    { id: 'reason', accessorKey: 'reason', size: 220, meta: { label: 'Reason', narrow: 100 } },
    { id: 'approved_by', accessorKey: 'approved_by', size: 140, meta: { label: 'Approved by' } },
    {
      id: 'recorded_at',
      accessorKey: 'recorded_at',
      size: 150,
      meta: { label: 'Recorded' },
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
            cell: ({ row: { original: row } }: { row: { original: Override } }) => (
              <>
                <RowAction
                  label={`Change the override of ${wordsOf(row)}`}
                  icon={IconPencil}
                  onClick={() => onEdit(row)}
                />
                <RowAction
                  label={`Void the override of ${wordsOf(row)}`}
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

const wordsOf = (row: Override): string =>
  `${formatDate(row.cohort_month, 'month')}, month ${row.payment_period_month}`;
