import { Link } from '@tanstack/react-router';
import { type FixedUnit, formatMultiple, humanise, type Numeric, tableUnit } from '@/lib/format';
import { reasonText } from '@/lib/reasons';
import { type Column, Figure, Irr, Money, NotAvailable } from '@/ui';
import type { FundFigures, FundPage, FundRow } from './queries';

type MoneyField = 'committed' | 'paid_in' | 'distributed' | 'nav' | 'unfunded';
type MultipleField = 'dpi' | 'rvpi' | 'tvpi';

const MONEY_FIELDS: MoneyField[] = ['committed', 'paid_in', 'distributed', 'nav', 'unfunded'];

/** The one unit of every amount in the list. */
export const fundsUnit = (rows: FundRow[]): FixedUnit =>
  tableUnit(rows.flatMap((row) => MONEY_FIELDS.map((field) => row[field])));

function moneyColumn(id: MoneyField, label: string, unit: FixedUnit, narrow = false): Column<FundRow> {
  return {
    id,
    accessorFn: (row) => row[id],
    size: 116,
    meta: { label, align: 'right', sort: id, narrow },
    cell: ({ row: { original: fund } }) => (
      <Figure
        kind="money"
        value={fund[id]}
        reason={fund.reasons[id]}
        money={{ unit, currency: fund.currency }}
        explain={{ subject: 'funds', id: fund.id, field: `net.${id}` }}
      />
    ),
  };
}

function multipleColumn(id: MultipleField, label: string, narrow = false): Column<FundRow> {
  return {
    id,
    accessorFn: (row) => row[id],
    size: 84,
    meta: { label, align: 'right', sort: id, narrow },
    cell: ({ row: { original: fund } }) => (
      <Figure
        kind="multiple"
        value={fund[id]}
        reason={fund.reasons[id]}
        tone={id === 'tvpi'}
        explain={{ subject: 'funds', id: fund.id, field: `net.${id}` }}
      />
    ),
  };
}

export function fundColumns(unit: FixedUnit): Column<FundRow>[] {
  return [
    {
      id: 'name',
      accessorKey: 'name',
      size: 240,
      meta: { label: 'Fund', sort: 'name', narrow: true },
      cell: ({ row: { original: fund } }) => (
        <Link to="/funds/$fundId" params={{ fundId: String(fund.id) }}>
          {fund.name}
        </Link>
      ),
    },
    {
      id: 'vintage_year',
      accessorKey: 'vintage_year',
      size: 84,
      meta: { label: 'Vintage', sort: 'vintage_year' },
      cell: ({ row: { original: fund } }) => fund.vintage_year ?? <NotAvailable why="vintage not recorded" />,
    },
    {
      id: 'strategy',
      accessorKey: 'strategy',
      size: 104,
      meta: { label: 'Strategy', sort: 'strategy' },
      cell: ({ row: { original: fund } }) => humanise(fund.strategy),
    },
    moneyColumn('committed', 'Committed', unit),
    moneyColumn('paid_in', 'Paid in', unit),
    moneyColumn('distributed', 'Distributed', unit),
    moneyColumn('unfunded', 'Unfunded', unit),
    multipleColumn('dpi', 'DPI'),
    multipleColumn('rvpi', 'RVPI'),
    multipleColumn('tvpi', 'TVPI', true),
    {
      id: 'irr',
      accessorFn: (row) => row.irr.rate,
      size: 92,
      meta: { label: 'Net IRR', align: 'right', sort: 'irr' },
      cell: ({ row: { original: fund } }) => (
        <Irr value={fund.irr} explain={{ subject: 'funds', id: fund.id, field: 'net.irr' }} />
      ),
    },
    moneyColumn('nav', 'NAV', unit, true),
  ];
}

export function fundTotals(totals: NonNullable<FundPage['totals']>, unit: FixedUnit) {
  const money = (value: Numeric) => <Money value={value} currency={totals.currency} unit={unit} />;
  const multiple = (field: keyof FundFigures) =>
    totals[field] === null ? (
      <NotAvailable why={reasonText('nothing_paid_in')} />
    ) : (
      formatMultiple(totals[field])
    );
  return {
    committed: money(totals.committed),
    paid_in: money(totals.paid_in),
    distributed: money(totals.distributed),
    unfunded: money(totals.unfunded),
    nav: money(totals.nav),
    dpi: multiple('dpi'),
    rvpi: multiple('rvpi'),
    tvpi: multiple('tvpi'),
  };
}
