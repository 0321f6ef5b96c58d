import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { AuditRow } from '@/api/types';
import { formatInstant } from '@/lib/format';
import {
  Button,
  type Column,
  DataTable,
  ExportButton,
  EmptyBlock,
  Loaded,
  PageHead,
  StatusPill,
  TextButton,
} from '@/ui';
import { AuditDrawer } from './AuditDrawer';
import { AuditFilters } from './AuditFilters';
import { type AuditQuery, auditHref, auditList } from './queries';
import { ACTIONS, actorWords, recordWords, shortChanges } from './words';

/** Who did what, when, and what it was before: nothing here can be changed. */
export default function AuditPage() {
  const { record, person, action, since, until } = useSearch({ from: '/frame/audit' });
  const query: AuditQuery = {
    record,
    person,
    action: action && action in ACTIONS ? (action as AuditRow['action']) : undefined,
    since,
    until,
  };
  const list = useInfiniteQuery({ ...auditList(query), placeholderData: keepPreviousData });
  const [open, setOpen] = useState<AuditRow | null>(null);
  const columns = useMemo(() => auditColumns(setOpen), []);
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const total = list.data?.pages[0]?.total ?? 0;
  return (
    <>
      <PageHead
        title="Audit"
        sub="Every change, refusal, export and sign-in, newest first"
        right={
          <ExportButton href={auditHref(query)} isEmpty={list.data && total === 0}>
            All of it as CSV
          </ExportButton>
        }
      />
      <AuditFilters query={query} />
      <Loaded query={list} what="the trail" size="l">
        {() => (
          <DataTable
            data={rows}
            columns={columns}
            label="Audit"
            fileName="audit"
            rowId={(row) => String(row.sequence)}
            plain={total}
            empty={<EmptyBlock title="Nothing of the kind" hint="Widen the days, or clear a filter." />}
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
      <AuditDrawer row={open} onClose={() => setOpen(null)} />
    </>
  );
}

const auditColumns = (onOpen: (row: AuditRow) => void): Column<AuditRow>[] => [
  {
    id: 'happened_at',
    accessorKey: 'happened_at',
    size: 168,
    enableSorting: false,
    meta: { label: 'When', narrow: 130 },
    cell: ({ row: { original: row } }) => <span className="tnum">{formatInstant(row.happened_at)}</span>,
  },
  {
    id: 'actor',
    accessorFn: actorWords,
    size: 220,
    enableSorting: false,
    meta: { label: 'Who' },
  },
  {
    id: 'action',
    accessorFn: (row) => ACTIONS[row.action],
    size: 124,
    enableSorting: false,
    meta: { label: 'What' },
    cell: ({ row: { original: row } }) =>
      row.action === 'refuse' || row.action === 'sign_in_failed' ? (
        <StatusPill tone="warn">{ACTIONS[row.action]}</StatusPill>
      ) : (
        ACTIONS[row.action]
      ),
  },
  {
    id: 'record',
    accessorFn: recordWords,
    size: 190,
    enableSorting: false,
    meta: { label: 'Record', narrow: 150 },
    cell: ({ row: { original: row } }) => (
      <TextButton onClick={() => onOpen(row)}>
        {recordWords(row)}
        <span className="narrow-only">
          {ACTIONS[row.action]}, {row.actor_name}
        </span>
      </TextButton>
    ),
  },
  {
    id: 'changes',
    accessorFn: shortChanges,
    size: 420,
    enableSorting: false,
    meta: { label: 'Before → after' },
  },
];
