import { useInfiniteQuery } from '@tanstack/react-query';
import type { Cashflows, Payment } from '@/api/types';
import { formatDate, formatMoney, formatPercent } from '@/lib/format';
import {
  Button,
  type Column,
  DataTable,
  DetailList,
  EmptyBlock,
  FormDrawer,
  Loaded,
  Money,
  Note,
  Stack,
  useCut,
} from '@/ui';
import { paymentsList } from './queries';

interface Props {
  companyId: string;
  data: Cashflows;
  /** `2026-01-01@3`: the cohort month and the period. */
  cell: string;
  onClose: () => void;
}

const COLUMNS = (currency: string): Column<Payment>[] => [
  { id: 'customer_id', accessorKey: 'customer_id', size: 160, meta: { label: 'Customer', narrow: 90 } },
  {
    id: 'payment_date',
    accessorKey: 'payment_date',
    size: 120,
    meta: { label: 'Paid on', narrow: 90 },
    cell: ({ row: { original: payment } }) => (
      <span className="tnum">{formatDate(payment.payment_date)}</span>
    ),
  },
  {
    id: 'amount',
    accessorKey: 'amount',
    size: 120,
    meta: { label: 'Amount', align: 'right', narrow: 90 },
    cell: ({ row: { original: payment } }) => <Money value={payment.amount} currency={currency} />,
  },
  { id: 'reference_id', accessorKey: 'reference_id', size: 140, meta: { label: 'Reference' } },
];

/** What a cell is made of: the payments, the share of them that is collected, and why that share. */
export function CellPayments({ companyId, data, cell, onClose }: Props) {
  const [month = '', period = '0'] = cell.split('@');
  const payments = useInfiniteQuery(paymentsList(companyId, month, Number(period), useCut()));
  const rows = payments.data?.pages.flatMap((page) => page.items) ?? [];
  const cohort = data.cohorts.find((one) => one.cohort_month === month);
  const found = cohort?.periods.find((one) => one.period === Number(period));
  const money = (value: string) => formatMoney(value, { currency: data.currency });
  return (
    <FormDrawer
      opened
      onClose={onClose}
      wide
      title={`${formatDate(month, 'month')}, month ${period}`}
      sub={found && `Paid in ${formatDate(found.month, 'month')}`}
    >
      <Stack>
        {found && (
          <DetailList
            items={[
              { label: 'Payments', value: money(found.payment) },
              { label: 'Share collected', value: formatPercent(found.share_applied, { dp: 0 }) },
              { label: 'Collected', value: money(found.collected) },
              { label: 'Collected so far', value: money(found.cumulative_collected) },
            ]}
          />
        )}
        {found?.threshold_failed && (
          <Note>Payments are below the period’s minimum, so all of them are collected this month.</Note>
        )}
        {found?.capped && <Note>The cap is reached: what comes after it belongs to the company.</Note>}
        <Loaded query={payments} what="the payments" size="m">
          {() => (
            <DataTable
              data={rows}
              columns={COLUMNS(data.currency)}
              label="Payments"
              fileName="payments"
              rowId={(row) => String(row.id)}
              empty={<EmptyBlock title="No payments" hint="Nothing was paid in this month." />}
            />
          )}
        </Loaded>
        {payments.hasNextPage && (
          <Button
            variant="default"
            loading={payments.isFetchingNextPage}
            onClick={() => void payments.fetchNextPage()}
          >
            Show more of {payments.data?.pages[0]?.total} payments
          </Button>
        )}
      </Stack>
    </FormDrawer>
  );
}
