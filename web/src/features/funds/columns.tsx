import { Link } from '@tanstack/react-router';
import { type FixedUnit, formatMultiple, humanise, type Numeric, tableUnit, unitLabel } from '@/lib/format';
import { reasonText } from '@/lib/reasons';
import { type Column, Figure, Irr, Money, NotAvailable } from '@/ui';
import type { FundFigures, FundPage, FundRow } from './queries';

type MoneyField = 'committed' | 'paid_in' | 'distributed' | 'nav' | 'unfunded';
type MultipleField = 'dpi' | 'rvpi' | 'tvpi';

const MONEY_FIELDS: MoneyField[] = ['committed', 'paid_in', 'distributed', 'nav', 'unfunded'];

/** How the amounts of a list are written: one unit for all; the currency is said once where all funds share it. */
export interface Scale {
  unit: FixedUnit;
  currency: string | null;
}

export function fundsScale(rows: FundRow[]): Scale {
  const currencies = new Set(rows.map((row) => row.currency));
  return {
    unit: tableUnit(rows.flatMap((row) => MONEY_FIELDS.map((field) => row[field]))),
    currency: currencies.size === 1 ? rows[0]!.currency : null,
  };
}

export const scaleText = ({ unit, currency }: Scale): string | null =>
  currency && `amounts in ${unitLabel(currency, unit)}`;

function moneyColumn(id: MoneyField, label: string, scale: Scale, narrow = false): Column<FundRow> {
  return {
    id,
    accessorFn: (row) => row[id],
    size: 104,
    meta: { label, align: 'right', sort: id, narrow },
    cell: ({ row: { original: fund } }) => (
      <Figure
        kind="money"
        value={fund[id]}
        reason={fund.reasons[id]}
        money={{ unit: scale.unit, currency: fund.currency, bare: scale.currency !== null }}
        explain={{ subject: 'funds', id: fund.id, field: `net.${id}` }}
      />
    ),
  };
}

function multipleColumn(id: MultipleField, label: string, narrow = false): Column<FundRow> {
  return {
    id,
    accessorFn: (row) => row[id],
    size: 70,
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

export function fundColumns(scale: Scale): Column<FundRow>[] {
  return [
    {
      id: 'name',
      accessorKey: 'name',
      size: 220,
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
      size: 76,
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
    moneyColumn('committed', 'Committed', scale),
    moneyColumn('paid_in', 'Paid in', scale),
    moneyColumn('distributed', 'Distributed', scale),
    moneyColumn('unfunded', 'Unfunded', scale),
    multipleColumn('dpi', 'DPI'),
    multipleColumn('rvpi', 'RVPI'),
    multipleColumn('tvpi', 'TVPI', true),
    {
      id: 'irr',
      accessorFn: (row) => row.irr.rate,
      size: 82,
      meta: { label: 'Net IRR', align: 'right', sort: 'irr' },
      cell: ({ row: { original: fund } }) => (
        <Irr value={fund.irr} explain={{ subject: 'funds', id: fund.id, field: 'net.irr' }} />
      ),
    },
    moneyColumn('nav', 'NAV', scale, true),
  ];
}

export function fundTotals(totals: NonNullable<FundPage['totals']>, scale: Scale) {
  const money = (value: Numeric) => (
    <Money value={value} currency={totals.currency} unit={scale.unit} bare={scale.currency !== null} />
  );
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
