import type { Cashflows, Cohort } from '@/api/types';
import { formatDate, formatPercent, tableUnit, unitLabel } from '@/lib/format';
import {
  type Column,
  DataTable,
  EmptyBlock,
  Money,
  NotAvailable,
  ShareBar,
  StatusPill,
  TextButton,
} from '@/ui';
import { rateReason } from '../words';

type Amount = 'spend' | 'planned_spend' | 'outlay' | 'cash_cap' | 'effective_cap';

interface Props {
  data: Cashflows;
  onOpen: (tradeId: number) => void;
}

/** The terms of every trade: what was agreed, what that comes to with the spend as it was, and how far it is. */
export function TermsTable({ data, onOpen }: Props) {
  const funded = data.cohorts.filter((cohort) => cohort.trade_id !== null);
  const unit = tableUnit(funded.flatMap((one) => [one.spend, one.cash_cap, one.effective_cap]));
  const money = (id: Amount, label: string, why: string, size = 118, narrow?: number): Column<Cohort> => ({
    id,
    accessorKey: id,
    size,
    meta: { label: `${label}, ${unitLabel(data.currency, unit)}`, align: 'right', narrow },
    cell: ({ row: { original: row } }) => (
      <Money value={row[id]} currency={data.currency} unit={unit} bare why={why} />
    ),
  });
  const columns: Column<Cohort>[] = [
    {
      id: 'cohort_month',
      accessorKey: 'cohort_month',
      size: 104,
      meta: { label: 'Cohort', narrow: 92 },
      cell: ({ row: { original: row } }) => (
        <TextButton onClick={() => onOpen(row.trade_id!)}>{formatDate(row.cohort_month, 'month')}</TextButton>
      ),
    },
    {
      id: 'sharing_percentage',
      accessorKey: 'sharing_percentage',
      size: 80,
      meta: { label: 'Share', align: 'right', narrow: 56 },
      cell: ({ row: { original: row } }) => formatPercent(row.sharing_percentage, { dp: 0 }),
    },
    money('planned_spend', 'Planned spend', 'as it was spent', 150),
    money('spend', 'Spend', 'no spend recorded', 100),
    money('outlay', 'Funded', 'no spend recorded', 110),
    money('cash_cap', 'Cap', 'no cap', 100),
    money('effective_cap', 'Cap that counts', 'no cap', 156, 88),
    {
      id: 'target_irr',
      accessorKey: 'target_irr',
      size: 100,
      meta: { label: 'Target IRR', align: 'right' },
      cell: ({ row: { original: row } }) =>
        row.target_irr === null ? <NotAvailable why="none agreed" /> : formatPercent(row.target_irr),
    },
    {
      id: 'cap_used',
      accessorFn: (row) => capUsed(row),
      size: 134,
      meta: { label: 'Cap used', narrow: 112 },
      cell: ({ row: { original: row } }) =>
        row.capped ? (
          <StatusPill tone="pos">Cap reached</StatusPill>
        ) : (
          <ShareBar value={capUsed(row)} why="no cap" />
        ),
    },
    {
      id: 'annual_irr',
      accessorKey: 'annual_irr',
      size: 94,
      meta: { label: 'Fund IRR', align: 'right' },
      cell: ({ row: { original: row } }) =>
        row.annual_irr === null ? (
          <NotAvailable why={rateReason(row.irr_status)} />
        ) : (
          <span className={row.annual_irr < 0 ? 'neg' : undefined}>{formatPercent(row.annual_irr)}</span>
        ),
    },
  ];
  return (
    <DataTable
      data={funded}
      columns={columns}
      label="Terms"
      fileName="terms"
      rowId={(row) => String(row.trade_id)}
      heading={{ title: 'Trades', sub: 'The cap that counts is the agreed one × spend ÷ planned spend' }}
      empty={
        <EmptyBlock
          title="No trades yet"
          hint="A trade on a cohort says what the fund pays and collects. Record one, or let the simulator propose terms."
        />
      }
    />
  );
}

/** Collected ÷ the cap that counts, to draw; null without a cap. */
function capUsed({ effective_cap, cumulative_collected }: Cohort): number | null {
  const cap = Number(effective_cap ?? 0);
  return cap > 0 ? Number(cumulative_collected) / cap : null;
}
