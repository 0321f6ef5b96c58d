import type { Cohort, Projection } from '@/api/types';
import { formatDate, formatPercent, tableUnit, unitLabel } from '@/lib/format';
import { type Column, DataTable, EmptyBlock, Money, NotAvailable } from '@/ui';
import { rateReason } from '../words';
import { capMonth } from './shapes';

type Amount = 'spend' | 'outlay' | 'cumulative_collected' | 'effective_cap';

/** What each cohort brings by the horizon: the fund's rate on its own flows, and when the cap is reached. */
export function CohortReturns({ data }: { data: Projection }) {
  const { cohorts, currency, together } = data;
  const unit = tableUnit(cohorts.flatMap((one) => [one.spend, one.effective_cap, one.cumulative_collected]));
  const amount = (value: string | null, why?: string) => (
    <Money value={value} currency={currency} unit={unit} bare why={why} />
  );
  const money = (id: Amount, label: string, why: string, narrow?: number): Column<Cohort> => ({
    id,
    accessorKey: id,
    size: 124,
    meta: { label: `${label}, ${unitLabel(currency, unit)}`, align: 'right', narrow },
    cell: ({ row: { original: row } }) => amount(row[id], why),
  });
  const columns: Column<Cohort>[] = [
    {
      id: 'cohort_month',
      accessorKey: 'cohort_month',
      size: 120,
      meta: { label: 'Cohort', narrow: 92 },
      cell: ({ row: { original: row } }) => formatDate(row.cohort_month, 'month'),
    },
    {
      id: 'known',
      accessorFn: (row) => row.periods.filter(({ predicted }) => !predicted).length,
      size: 130,
      meta: { label: 'Months known', align: 'right' },
    },
    money('spend', 'Spend', 'no spend recorded'),
    money('outlay', 'Funded', 'not funded'),
    money('cumulative_collected', 'Collected', 'not funded', 88),
    money('effective_cap', 'Cap', 'no cap'),
    {
      id: 'cap_month',
      accessorFn: capMonth,
      size: 130,
      meta: { label: 'Cap reached', narrow: 88 },
      cell: ({ row: { original: row } }) => {
        const month = capMonth(row);
        return month === null ? <NotAvailable why="not within the horizon" /> : formatDate(month, 'month');
      },
    },
    {
      id: 'annual_irr',
      accessorKey: 'annual_irr',
      size: 110,
      meta: { label: 'Fund IRR', align: 'right', narrow: 88 },
      cell: ({ row: { original: row } }) => <Rate value={row.annual_irr} why={rateReason(row.irr_status)} />,
    },
    {
      id: 'cohort_payment_irr',
      accessorKey: 'cohort_payment_irr',
      size: 140,
      meta: { label: 'Company’s IRR', align: 'right' },
      cell: ({ row: { original: row } }) => <Rate value={row.cohort_payment_irr} why="no rate" />,
    },
  ];
  return (
    <DataTable
      data={cohorts}
      columns={columns}
      label="IRR by cohort"
      fileName="irr-by-cohort"
      rowId={(row) => row.cohort_month}
      heading={{ title: 'IRR by cohort', sub: 'With the months to come, up to the horizon' }}
      totals={[
        {
          label: 'Total',
          cells: {
            outlay: amount(together.outlay),
            cumulative_collected: amount(together.collected),
            annual_irr: <Rate value={together.annual_irr} why={rateReason(together.irr_status)} />,
          },
        },
      ]}
      empty={<EmptyBlock title="No cohorts yet" hint="A cohort begins with a customer’s first payment." />}
    />
  );
}

function Rate({ value, why }: { value: number | null; why: string }) {
  if (value === null) return <NotAvailable why={why} />;
  return <span className={`tnum${value < 0 ? ' neg' : ''}`}>{formatPercent(value)}</span>;
}
