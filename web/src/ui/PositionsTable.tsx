import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Position, Positions } from '@/api/types';
import {
  type FixedUnit,
  formatDate,
  formatMultiple,
  humanise,
  type Numeric,
  tableUnit,
  unitLabel,
} from '@/lib/format';
import { reasonText } from '@/lib/reasons';
import { Figure } from './Figure';
import { Irr } from './Irr';
import { Money } from './Money';
import { NotAvailable } from './NotAvailable';
import { EmptyBlock } from './states/EmptyBlock';
import { StatusPill } from './StatusPill';
import { DataTable, type TotalsRow } from './table/DataTable';
import type { Column } from './table/features';

interface Props {
  data: Positions;
  title: string;
  /** What the page is of: the other side is the first column. */
  by: 'company' | 'fund';
}

/** What is held as of a day, with the server's totals. */
export function PositionsTable({ data, title, by }: Props) {
  const currencies = new Set(data.items.map((row) => row.currency));
  const currency = currencies.size === 1 ? data.items[0]!.currency : null;
  const unit = tableUnit(data.items.flatMap((row) => [row.cost, row.fair_value, row.realised]));
  const columns = useMemo(() => positionColumns(by, unit, currency), [by, unit, currency]);
  const sub = currency ? `Amounts in ${unitLabel(currency, unit)}` : undefined;
  return (
    <DataTable
      data={data.items}
      columns={columns}
      label={title}
      fileName={title.toLowerCase()}
      rowId={(row) => String(row.holding_id)}
      heading={{ title, sub }}
      totals={data.total && currency ? [positionTotals(data.total, unit, currency)] : undefined}
      empty={
        <EmptyBlock
          title="Nothing held at this date"
          hint="An investment recorded in the ledger shows here from its first day."
        />
      }
    />
  );
}

function positionColumns(by: Props['by'], unit: FixedUnit, currency: string | null): Column<Position>[] {
  const money = (
    id: 'cost' | 'realised' | 'fair_value',
    label: string,
    narrow = false,
  ): Column<Position> => ({
    id,
    accessorFn: (row) => row[id],
    size: 108,
    meta: { label, align: 'right', narrow },
    sortFn: byNumber(id),
    cell: ({ row: { original: row } }) => (
      <Figure
        kind="money"
        value={row[id]}
        reason={row.reasons[id]}
        money={{ currency: row.currency, unit, bare: currency !== null }}
        explain={{
          subject: 'investments',
          id: row.investment_id,
          field: `gross.${id === 'cost' ? 'invested' : id}`,
        }}
      />
    ),
  });
  return [
    ...(by === 'company' ? [companyColumn] : []),
    { id: 'name', accessorKey: 'name', size: 180, meta: { label: 'Security', narrow: by === 'fund' } },
    {
      id: 'status',
      accessorFn: (row) => humanise(row.status),
      size: 104,
      filterFn: 'arrIncludesSome',
      meta: { label: 'Status', facet: true },
      cell: ({ row: { original: row } }) =>
        row.status === 'active' ? (
          'Active'
        ) : (
          <StatusPill tone={tone(row.status)}>{humanise(row.status)}</StatusPill>
        ),
    },
    money('cost', 'Cost'),
    money('realised', 'Realised'),
    {
      id: 'moic',
      accessorKey: 'moic',
      size: 84,
      sortFn: byNumber('moic'),
      meta: { label: 'MOIC', align: 'right', narrow: true },
      cell: ({ row: { original: row } }) => (
        <Figure
          kind="multiple"
          value={row.moic}
          reason={row.reasons.moic}
          explain={{ subject: 'investments', id: row.investment_id, field: 'gross.moic' }}
          tone
        />
      ),
    },
    {
      id: 'irr',
      accessorFn: (row) => row.irr.rate,
      size: 96,
      sortFn: 'basic',
      meta: { label: 'Gross IRR', align: 'right' },
      cell: ({ row: { original: row } }) => (
        <Irr
          value={row.irr}
          explain={{ subject: 'investments', id: row.investment_id, field: 'gross.irr' }}
        />
      ),
    },
    {
      id: 'measured_on',
      accessorKey: 'measured_on',
      size: 116,
      meta: { label: 'Last mark' },
      cell: ({ row: { original: row } }) =>
        row.measured_on ? (
          formatDate(row.measured_on)
        ) : (
          <NotAvailable why={humanise(row.basis).toLowerCase()} />
        ),
    },
    money('fair_value', 'Fair value', true),
  ];
}

const companyColumn: Column<Position> = {
  id: 'company',
  accessorKey: 'company',
  size: 200,
  meta: { label: 'Company', narrow: true },
  cell: ({ row: { original: row } }) => (
    <Link to="/companies/$companyId" params={{ companyId: String(row.company_id) }}>
      {row.company}
    </Link>
  ),
};

const tone = (status: string) => (status === 'written_off' ? 'neg' : 'neutral');

/** Orders by the size of a decimal string; what is missing comes first. */
function byNumber(id: 'cost' | 'realised' | 'fair_value' | 'moic') {
  return (a: { original: Position }, b: { original: Position }) =>
    Number(a.original[id] ?? -Infinity) - Number(b.original[id] ?? -Infinity);
}

function positionTotals(
  total: NonNullable<Positions['total']>,
  unit: FixedUnit,
  currency: string,
): TotalsRow {
  const money = (value: Numeric) => <Money value={value} currency={currency} unit={unit} bare />;
  const cells = {
    cost: money(total.invested),
    realised: money(total.realised),
    fair_value: money(total.fair_value),
    moic:
      total.moic === null ? (
        <NotAvailable why={reasonText(total.reasons.moic)} />
      ) : (
        formatMultiple(total.moic)
      ),
    irr: <Irr value={total.irr} />,
  };
  return { label: 'Total', cells };
}
