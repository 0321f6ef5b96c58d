import type { Breach, Breaches } from '@/api/types';
import { formatDate, formatPercent } from '@/lib/format';
import { Button, type Column, DataTable, EmptyBlock, Money, StatusPill } from '@/ui';
import type { CellOf } from './queries';

interface Props {
  data: Breaches;
  /** Whether there is any minimum that could be missed. */
  anyMinimum: boolean;
  /** Sets a breach aside; absent for whoever may not. */
  onAside?: (cell: CellOf) => void;
}

/** Every month that missed its minimum, and what is collected of it in the three ways. */
export function BreachTable({ data, anyMinimum, onAside }: Props) {
  return (
    <DataTable
      data={data.breaches}
      columns={columns(data.currency, onAside)}
      label="Breaches"
      fileName="breaches"
      rowId={(row) => `${row.cohort_month}-${row.period}`}
      heading={{ title: 'Breaches', sub: 'Months in which payments ÷ spend were below the minimum' }}
      empty={
        anyMinimum ? (
          <EmptyBlock title="No breaches" hint="Every known month met its minimum, or has none." />
        ) : (
          <EmptyBlock
            title="No breaches"
            hint="There is no minimum yet that could be missed: add one first."
          />
        )
      }
    />
  );
}

type Amount = 'payment' | 'collected' | 'collected_in_full' | 'collected_at_share';

function columns(currency: string, onAside: Props['onAside']): Column<Breach>[] {
  const money = (id: Amount, label: string, narrow?: number): Column<Breach> => ({
    id,
    accessorKey: id,
    size: 130,
    meta: { label: `${label}, ${currency}`, align: 'right', narrow },
    cell: ({ row: { original: row } }) => <Money value={row[id]} currency={currency} bare />,
  });
  const share = (id: 'payment_to_spend' | 'minimum_payment_percent', label: string): Column<Breach> => ({
    id,
    accessorKey: id,
    size: 110,
    meta: { label, align: 'right' },
    cell: ({ row: { original: row } }) => formatPercent(row[id]),
  });
  return [
    {
      id: 'cohort_month',
      accessorKey: 'cohort_month',
      size: 110,
      meta: { label: 'Cohort', narrow: 90 },
      cell: ({ row: { original: row } }) => (
        <>
          {formatDate(row.cohort_month, 'month')}
          <span className="narrow-only">
            month {row.period}, {formatPercent(row.payment_to_spend)}
          </span>
        </>
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
    share('payment_to_spend', 'Of spend'),
    share('minimum_payment_percent', 'Minimum'),
    money('collected', 'Collected', 96),
    money('collected_in_full', 'In full'),
    money('collected_at_share', 'At the share'),
    {
      id: 'state',
      accessorFn: stateOf,
      size: 110,
      filterFn: 'arrIncludesSome',
      meta: { label: 'State', facet: true },
      cell: ({ row: { original: row } }) => <State breach={row} />,
    },
    ...(onAside
      ? [
          {
            id: 'aside',
            size: 132,
            enableSorting: false,
            accessorFn: () => null,
            meta: { label: 'Override', csv: false as const, sort: false as const, narrow: 96 },
            cell: ({ row: { original: row } }: { row: { original: Breach } }) =>
              row.override === null &&
              row.trade_id !== null && (
                <Button
                  variant="default"
                  size="xs"
                  onClick={() => onAside(row)}
                  aria-label={`Set aside: ${formatDate(row.cohort_month, 'month')}, month ${row.period}`}
                >
                  Set aside
                </Button>
              ),
          },
        ]
      : []),
  ];
}

function stateOf(breach: Breach): string {
  if (breach.trade_id === null) return 'Not funded';
  return breach.override === null ? 'In full' : 'Set aside';
}

function State({ breach }: { breach: Breach }) {
  const state = stateOf(breach);
  return state === 'In full' ? <StatusPill tone="neg">{state}</StatusPill> : <>{state}</>;
}
