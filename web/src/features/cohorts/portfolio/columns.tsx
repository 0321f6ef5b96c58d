import { Link } from '@tanstack/react-router';
import type { CohortTotals, TradeShown } from '@/api/types';
import { type FixedUnit, formatDate, formatInt, formatPercent, tableUnit, unitLabel } from '@/lib/format';
import { type Column, Money, NotAvailable, ShareBar, StatusPill, type TotalsRow } from '@/ui';
import { rateReason, STATE_WORDS } from '../words';

type Amount = 'outlay' | 'collected' | 'exposure' | 'effective_cap';

/** The columns of the trades; a second currency is said in a column of its own. */
export function tradeColumns(
  trades: readonly TradeShown[],
  currencies: readonly string[],
): Column<TradeShown>[] {
  const unit = unitOf(trades);
  const only = currencies.length === 1 ? currencies[0]! : null;
  const money = (id: Amount, label: string, narrow: boolean, why?: string): Column<TradeShown> => ({
    id,
    accessorKey: id,
    size: 104,
    meta: {
      label: only ? `${label}, ${unitLabel(only, unit)}` : unit === 'full' ? label : `${label}, ${unit}`,
      align: 'right',
      sort: id,
      narrow: narrow && 84,
    },
    cell: ({ row: { original: row } }) => (
      <Money value={row[id]} currency={row.currency} unit={unit} bare why={why} />
    ),
  });
  return [
    {
      id: 'company',
      accessorKey: 'company',
      size: 142,
      meta: { label: 'Company', sort: 'company', narrow: 116 },
      cell: ({ row: { original: row } }) => (
        <Link to="/companies/$companyId/cohorts" params={{ companyId: String(row.company_id) }}>
          {row.company}
        </Link>
      ),
    },
    {
      id: 'cohort_month',
      accessorKey: 'cohort_month',
      size: 92,
      meta: { label: 'Cohort', sort: 'cohort_month', narrow: 84 },
      cell: ({ row: { original: row } }) => formatDate(row.cohort_month, 'month'),
    },
    ...(only ? [] : [CURRENCY]),
    {
      id: 'sharing_percentage',
      accessorKey: 'sharing_percentage',
      size: 66,
      meta: { label: 'Share', align: 'right', sort: 'sharing_percentage' },
      cell: ({ row: { original: row } }) => formatPercent(row.sharing_percentage, { dp: 0 }),
    },
    money('outlay', 'Funded', false),
    money('effective_cap', 'Cap', false, 'no cap'),
    money('collected', 'Collected', true),
    money('exposure', 'Exposure', false),
    {
      id: 'cap_used',
      accessorKey: 'cap_used',
      size: 130,
      meta: { label: 'Cap used', sort: 'cap_used', narrow: 70 },
      cell: ({ row: { original: row } }) => <ShareBar value={row.cap_used} why="no cap" />,
    },
    {
      id: 'breaches',
      accessorKey: 'breaches',
      size: 84,
      meta: { label: 'Breaches', align: 'right', sort: 'breaches' },
      cell: ({ row: { original: row } }) =>
        row.breaches === 0 ? (
          '0'
        ) : (
          <span className="neg">
            {formatInt(row.breaches)}
            <span className="sr-only"> months below the minimum</span>
          </span>
        ),
    },
    {
      id: 'annual_irr',
      accessorKey: 'annual_irr',
      size: 84,
      meta: { label: 'Fund IRR', align: 'right', sort: 'annual_irr' },
      cell: ({ row: { original: row } }) => <TradeIrr {...row} />,
    },
    {
      id: 'state',
      accessorFn: (row) => STATE_WORDS[row.state].label,
      size: 136,
      meta: { label: 'State', sort: false },
      cell: ({ row: { original: row } }) => {
        const { label, tone } = STATE_WORDS[row.state];
        return tone ? <StatusPill tone={tone}>{label}</StatusPill> : label;
      },
    },
  ];
}

const CURRENCY: Column<TradeShown> = {
  id: 'currency',
  accessorKey: 'currency',
  size: 92,
  meta: { label: 'Currency', sort: false },
};

const unitOf = (trades: readonly TradeShown[]): FixedUnit =>
  tableUnit(trades.flatMap((one) => [one.outlay, one.collected, one.effective_cap]));

interface Rated {
  annual_irr: number | null;
  irr_status: string;
}

export function TradeIrr({ annual_irr, irr_status }: Rated) {
  if (annual_irr === null) return <NotAvailable why={rateReason(irr_status)} />;
  return <span className={`tnum${annual_irr < 0 ? ' neg' : ''}`}>{formatPercent(annual_irr)}</span>;
}

/** The totals of what is shown, a row a currency, as the server gave them. */
export const totalsRows = (totals: readonly CohortTotals[], trades: readonly TradeShown[]): TotalsRow[] =>
  totals.map((one) => {
    const amount = (value: string) => (
      <Money value={value} currency={one.currency} unit={unitOf(trades)} bare />
    );
    return {
      label: totals.length > 1 ? `Total, ${one.currency}` : 'Total',
      cells: {
        outlay: amount(one.outlay),
        collected: amount(one.collected),
        exposure: amount(one.exposure),
        cap_used: <ShareBar value={one.cap_used} why="no trade has a cap" />,
        breaches: formatInt(one.breaches),
        annual_irr: <TradeIrr {...one} />,
      },
    };
  });
