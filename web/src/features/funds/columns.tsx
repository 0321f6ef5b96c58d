import { Link } from '@tanstack/react-router';
import { type FixedUnit, formatMultiple, humanise, type Numeric, tableUnit, unitLabel } from '@/lib/format';
import { reasonText } from '@/lib/reasons';
import { type Column, Figure, Irr, Money, NotAvailable, type TotalsRow } from '@/ui';
import type { FundRow, FundTotals } from '@/api/types';

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
    unit: tableUnit(rows.flatMap((row) => MONEY_FIELDS.map((field) => row.net[field]))),
    currency: currencies.size === 1 ? rows[0]!.currency : null,
  };
}

export const scaleText = ({ unit, currency }: Scale): string | null =>
  currency && `amounts in ${unitLabel(currency, unit)}`;

function moneyColumn(id: MoneyField, label: string, scale: Scale, narrow = false): Column<FundRow> {
  return {
    id,
    accessorFn: (row) => row.net[id],
    size: 104,
    meta: { label, align: 'right', sort: id, narrow },
    cell: ({ row: { original: fund } }) => (
      <Figure
        kind="money"
        value={fund.net[id]}
        reason={fund.net.reasons[id]}
        money={{ unit: scale.unit, currency: fund.currency, bare: scale.currency !== null }}
        explain={{ subject: 'funds', id: fund.fund_id, field: `net.${id}` }}
      />
    ),
  };
}

function multipleColumn(id: MultipleField, label: string, narrow = false): Column<FundRow> {
  return {
    id,
    accessorFn: (row) => row.net[id],
    size: 70,
    meta: { label, align: 'right', sort: id, narrow },
    cell: ({ row: { original: fund } }) => (
      <Figure
        kind="multiple"
        value={fund.net[id]}
        reason={fund.net.reasons[id]}
        tone={id === 'tvpi'}
        explain={{ subject: 'funds', id: fund.fund_id, field: `net.${id}` }}
      />
    ),
  };
}

export function fundColumns(scale: Scale): Column<FundRow>[] {
  return [
    {
      id: 'name',
      accessorKey: 'fund',
      size: 220,
      meta: { label: 'Fund', sort: 'name', narrow: true },
      cell: ({ row: { original: fund } }) => (
        <Link to="/funds/$fundId" params={{ fundId: String(fund.fund_id) }}>
          {fund.fund}
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
      accessorFn: (row) => row.net.irr.rate,
      size: 82,
      meta: { label: 'Net IRR', align: 'right', sort: 'irr' },
      cell: ({ row: { original: fund } }) => (
        <Irr value={fund.net.irr} explain={{ subject: 'funds', id: fund.fund_id, field: 'net.irr' }} />
      ),
    },
    moneyColumn('nav', 'NAV', scale, true),
  ];
}

/** The totals of the whole filtered set: a row for each currency, since currencies are never added up. */
export function fundTotals(totals: FundTotals[], scale: Scale): TotalsRow[] {
  return totals.map((total) => ({
    label: totals.length === 1 ? 'Total' : `Total ${total.currency}`,
    cells: totalCells(total, scale),
  }));
}

function totalCells({ net, currency }: FundTotals, scale: Scale): TotalsRow['cells'] {
  const money = (value: Numeric) => (
    <Money value={value} currency={currency} unit={scale.unit} bare={scale.currency !== null} />
  );
  const multiple = (field: MultipleField) =>
    net[field] === null ? <NotAvailable why={reasonText(net.reasons[field])} /> : formatMultiple(net[field]);
  return {
    committed: money(net.committed),
    paid_in: money(net.paid_in),
    distributed: money(net.distributed),
    unfunded: money(net.unfunded),
    nav: money(net.nav),
    dpi: multiple('dpi'),
    rvpi: multiple('rvpi'),
    tvpi: multiple('tvpi'),
    irr: <Irr value={net.irr} />,
  };
}
