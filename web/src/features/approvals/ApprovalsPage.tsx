import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { meQuery } from '@/api/session';
import type { Approval } from '@/api/types';
import { formatInstant } from '@/lib/format';
import {
  Button,
  type Column,
  DataTable,
  EmptyBlock,
  FilterBar,
  Loaded,
  MainAside,
  Money,
  PageHead,
  SegmentedControl,
  Select,
  TextButton,
  useRowSteps,
  useSetSearch,
} from '@/ui';
import { approvalsList } from './queries';
import { RequestCard } from './RequestCard';
import { askedFor, isMine, KINDS, STATES } from './words';

/** What waits for a second person, what it would change, and what was decided before. */
export default function ApprovalsPage() {
  const { request: open, state, kind } = useSearch({ from: '/frame/approvals' });
  const setSearch = useSetSearch();
  const me = useQuery(meQuery).data?.user?.id;
  const wanted = state && state in STATES ? (state as Approval['state']) : 'pending';
  const only = kind && kind in KINDS ? (kind as Approval['kind']) : undefined;
  const list = useInfiniteQuery({
    ...approvalsList({ state: wanted, kind: only }),
    placeholderData: keepPreviousData,
  });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const columns = useMemo(
    () => approvalColumns(me, (request) => setSearch({ request }, true)),
    [me, setSearch],
  );
  useRowSteps(
    'request',
    rows.map(({ id }) => id),
    open,
    (request) => setSearch({ request }, true),
  );
  const table = (
    <Loaded query={list} what="the requests" size="l">
      {(found) => (
        <DataTable
          data={rows}
          columns={columns}
          label="Requests"
          fileName="approvals"
          rowId={({ id }) => String(id)}
          current={open === undefined ? undefined : String(open)}
          plain={found.pages[0]?.total ?? 0}
          empty={<Nothing state={wanted} />}
          more={
            list.hasNextPage && (
              <Button variant="default" size="xs" onClick={() => void list.fetchNextPage()}>
                Load more
              </Button>
            )
          }
        />
      )}
    </Loaded>
  );
  return (
    <>
      <PageHead
        title="Approvals"
        sub="Changes that wait for a second person. j and k move, a approves, r refuses."
      />
      <FilterBar label="Filters">
        <SegmentedControl
          aria-label="State"
          data={Object.entries(STATES).map(([value, label]) => ({ value, label }))}
          value={wanted}
          onChange={(value) => setSearch({ state: value, request: undefined }, true)}
        />
        <Select
          aria-label="Kind"
          placeholder="All kinds"
          clearable
          data={Object.entries(KINDS).map(([value, label]) => ({ value, label }))}
          value={only ?? null}
          onChange={(value) => setSearch({ kind: value ?? undefined, request: undefined }, true)}
        />
      </FilterBar>
      {open === undefined ? (
        table
      ) : (
        <MainAside>
          {table}
          <RequestCard id={open} onClose={() => setSearch({ request: undefined }, true)} />
        </MainAside>
      )}
    </>
  );
}

function Nothing({ state }: { state: Approval['state'] }) {
  return state === 'pending' ? (
    <EmptyBlock title="Nothing waits" hint="Which changes need a second person is set under Settings." />
  ) : (
    <EmptyBlock title="None of these" hint="Choose another state or kind." />
  );
}

const approvalColumns = (me: number | undefined, onOpen: (id: number) => void): Column<Approval>[] => [
  {
    id: 'asked',
    accessorFn: askedFor,
    size: 270,
    enableSorting: false,
    meta: { label: 'Asked for', narrow: 200 },
    cell: ({ row: { original: row } }) => (
      <TextButton onClick={() => onOpen(row.id)}>
        {askedFor(row)}
        <span className="narrow-only">{row.maker_name}</span>
      </TextButton>
    ),
  },
  {
    id: 'maker',
    accessorFn: (row) => (isMine(row, me) ? `${row.maker_name} (you)` : row.maker_name),
    size: 180,
    enableSorting: false,
    meta: { label: 'By' },
  },
  {
    id: 'created_at',
    accessorKey: 'created_at',
    size: 160,
    enableSorting: false,
    meta: { label: 'When' },
    cell: ({ row: { original: row } }) => <span className="tnum">{formatInstant(row.created_at)}</span>,
  },
  {
    id: 'amount',
    accessorKey: 'amount',
    size: 150,
    enableSorting: false,
    meta: { label: 'Amount', align: 'right', narrow: 120 },
    cell: ({ row: { original: row } }) =>
      row.amount === null ? null : <Money value={row.amount} currency={row.currency ?? undefined} />,
  },
];
