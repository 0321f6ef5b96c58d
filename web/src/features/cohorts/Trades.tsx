import { memo } from 'react';
import type { Cashflows, Cohort } from '@/api/types';
import { formatDate, formatPercent, tableUnit, unitLabel } from '@/lib/format';
import { type Column, DataTable, EmptyBlock, Money, NotAvailable, StatusPill } from '@/ui';
import { rateReason } from './words';

type MoneyField = 'spend' | 'outlay' | 'cumulative_collected' | 'effective_cap';

/** The funded cohorts: what the fund paid, what it has back, and how far the cap is. */
export const Trades = memo(function Trades({ data }: { data: Cashflows }) {
  const funded = data.cohorts.filter((cohort) => cohort.trade_id !== null);
  const unit = tableUnit(funded.flatMap((one) => [one.spend, one.effective_cap, one.cumulative_collected]));
  const money = (id: MoneyField, label: string, why: string, narrow = false): Column<Cohort> => ({
    id,
    accessorFn: (row) => row[id],
    size: 130,
    meta: { label: `${label}, ${unitLabel(data.currency, unit)}`, align: 'right', narrow },
    cell: ({ row: { original: row } }) => (
      <Money value={row[id]} currency={data.currency} unit={unit} bare why={why} />
    ),
  });
  const columns: Column<Cohort>[] = [
    {
      id: 'cohort_month',
      accessorKey: 'cohort_month',
      size: 120,
      meta: { label: 'Cohort', narrow: true },
      cell: ({ row: { original: row } }) => formatDate(row.cohort_month, 'month'),
    },
    {
      id: 'sharing_percentage',
      accessorKey: 'sharing_percentage',
      size: 90,
      meta: { label: 'Share', align: 'right' },
      cell: ({ row: { original: row } }) => formatPercent(row.sharing_percentage, { dp: 0 }),
    },
    money('spend', 'Spend', 'no spend recorded'),
    money('outlay', 'Paid by the fund', 'no spend recorded'),
    money('cumulative_collected', 'Collected', 'nothing yet', true),
    money('effective_cap', 'Cap', 'no cap'),
    {
      id: 'annual_irr',
      accessorKey: 'annual_irr',
      size: 100,
      meta: { label: 'Fund IRR', align: 'right', narrow: true },
      cell: ({ row: { original: row } }) =>
        row.annual_irr === null ? (
          <NotAvailable why={rateReason(row.irr_status)} />
        ) : (
          <span className={row.annual_irr < 0 ? 'neg' : undefined}>{formatPercent(row.annual_irr)}</span>
        ),
    },
    {
      id: 'state',
      accessorFn: stateOf,
      size: 130,
      filterFn: 'arrIncludesSome',
      meta: { label: 'State', facet: true },
      cell: ({ row: { original: row } }) => <State state={stateOf(row)} />,
    },
  ];
  return (
    <DataTable
      data={funded}
      columns={columns}
      label="Trades"
      fileName="trades"
      rowId={(row) => row.cohort_month}
      heading={{
        title: 'Trades',
        sub: 'The fund pays its share of the spend and collects it from the payments',
      }}
      empty={
        <EmptyBlock title="No trades yet" hint="Terms on a cohort say what the fund pays and collects." />
      }
    />
  );
});

type StateName = 'Collecting' | 'Cap reached' | 'Below minimum';

function stateOf(cohort: Cohort): StateName {
  if (cohort.capped) return 'Cap reached';
  return (cohort.breaches ?? 0) > 0 ? 'Below minimum' : 'Collecting';
}

function State({ state }: { state: StateName }) {
  if (state === 'Collecting') return <>{state}</>;
  return <StatusPill tone={state === 'Cap reached' ? 'pos' : 'neg'}>{state}</StatusPill>;
}
