import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Cut } from '@/api/performance';
import type { Payment } from '@/api/types';
import { formatDate } from '@/lib/format';
import { type Column, DataTable, EmptyBlock, Loaded, Money, sortedBy, TextButton, useSetSearch } from '@/ui';
import { PaymentDrawer } from './PaymentDrawer';
import { PaymentFilters, type PaymentsShown } from './PaymentFilters';
import { everyPayment, type PaymentsAsked, recordedPayments } from './queries';

interface Props {
  companyId: string;
  currency: string;
  search: PaymentsShown;
  cut: Cut;
}

/** Every payment that is recorded: of a customer, of a cohort, from one day to another. */
export function PaymentList({ companyId, currency, search, cut }: Props) {
  const setSearch = useSetSearch();
  const asked = askedOf(search, cut);
  const list = useInfiniteQuery({
    ...recordedPayments(companyId, asked),
    placeholderData: keepPreviousData,
  });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const [open, setOpen] = useState<number | null>(null);
  const filtered = Boolean(search.customer ?? search.cohort ?? search.since ?? search.until);
  return (
    <div>
      <PaymentFilters companyId={companyId} search={search} />
      <Loaded query={list} what="the payments" size="l">
        {() => (
          <DataTable
            data={rows}
            columns={columns(currency, setOpen, (customer) => setSearch({ customer }, true))}
            label="Payments"
            fileName="payments"
            rowId={(row) => String(row.id)}
            heading={{
              title: 'Recorded payments',
              sub: cut.known_at
                ? 'As they are recorded now, not as they were known'
                : 'Of which customer, of which cohort, paid when',
            }}
            server={{
              total: list.data?.pages[0]?.total ?? 0,
              sort: search.sort,
              onSort: (field) => setSearch(sortedBy(field), true),
              hasMore: list.hasNextPage,
              onMore: () => void list.fetchNextPage(),
              loading: list.isFetchingNextPage,
              all: () => everyPayment(companyId, asked),
            }}
            empty={
              filtered ? (
                <EmptyBlock title="No such payments" hint="Widen the days, or clear a filter." />
              ) : (
                <EmptyBlock
                  title="No payments yet"
                  hint="Upload a file of them above. Cohorts follow from each customer’s first payment."
                />
              )
            }
          />
        )}
      </Loaded>
      {open !== null && (
        <PaymentDrawer companyId={companyId} id={open} currency={currency} onClose={() => setOpen(null)} />
      )}
    </div>
  );
}

/** What is asked of the server: as of a day, nothing later was paid. */
function askedOf(search: PaymentsShown, cut: Cut): PaymentsAsked {
  const ends = [search.until, cut.as_of].filter((day) => day !== undefined).sort();
  return {
    customer_id: search.customer,
    cohort_month: search.cohort,
    since: search.since,
    until: ends[0],
    sort: search.sort,
  };
}

const columns = (
  currency: string,
  onOpen: (id: number) => void,
  onCustomer: (customer: string) => void,
): Column<Payment>[] => [
  {
    id: 'payment_date',
    accessorKey: 'payment_date',
    size: 120,
    meta: { label: 'Paid on', narrow: 90, sort: 'payment_date' },
    cell: ({ row: { original: payment } }) => (
      <TextButton onClick={() => onOpen(payment.id)}>
        <span className="tnum">{formatDate(payment.payment_date)}</span>
      </TextButton>
    ),
  },
  {
    id: 'customer_id',
    accessorKey: 'customer_id',
    size: 200,
    meta: { label: 'Customer', narrow: 100, sort: false },
    cell: ({ row: { original: payment } }) => (
      <TextButton onClick={() => onCustomer(payment.customer_id)}>{payment.customer_id}</TextButton>
    ),
  },
  {
    id: 'cohort_month',
    accessorKey: 'cohort_month',
    size: 120,
    meta: { label: 'Cohort', sort: false },
    cell: ({ row: { original: payment } }) => formatDate(payment.cohort_month, 'month'),
  },
  {
    id: 'period',
    accessorKey: 'period',
    size: 80,
    meta: { label: 'Month', align: 'right', sort: false },
  },
  { id: 'reference_id', accessorKey: 'reference_id', size: 200, meta: { label: 'Reference', sort: false } },
  {
    id: 'amount',
    accessorKey: 'amount',
    size: 140,
    meta: { label: `Amount, ${currency}`, align: 'right', narrow: 100, sort: 'amount' },
    cell: ({ row: { original: payment } }) => <Money value={payment.amount} currency={currency} bare />,
  },
];
