import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Import } from '@/api/types';
import { useMay } from '@/api/abilities';
import { formatInstant, formatInt, humanise } from '@/lib/format';
import {
  Actions,
  Button,
  ButtonLink,
  type Column,
  DataTable,
  EmptyBlock,
  IconPlus,
  Loaded,
  May,
  PageHead,
  StatusPill,
} from '@/ui';
import { importsQuery } from './queries';

const COLUMNS: Column<Import>[] = [
  {
    id: 'filename',
    accessorKey: 'filename',
    size: 320,
    meta: { label: 'File', narrow: true },
    cell: ({ row: { original: batch } }) => (
      <Link to="/imports/$importId" params={{ importId: String(batch.id) }}>
        {batch.filename}
      </Link>
    ),
  },
  {
    id: 'kind',
    accessorFn: (row) => humanise(row.kind),
    size: 120,
    filterFn: 'arrIncludesSome',
    meta: { label: 'Kind', facet: true },
  },
  {
    id: 'status',
    accessorFn: (row) => humanise(row.status),
    size: 130,
    filterFn: 'arrIncludesSome',
    meta: { label: 'State', facet: true, narrow: true },
    cell: ({ row: { original: batch } }) =>
      batch.status === 'committed' ? (
        'Committed'
      ) : (
        <StatusPill tone={batch.status === 'uploaded' ? 'info' : 'neutral'}>
          {humanise(batch.status)}
        </StatusPill>
      ),
  },
  {
    id: 'created_at',
    accessorKey: 'created_at',
    size: 180,
    meta: { label: 'Uploaded' },
    cell: ({ row: { original: batch } }) => <span className="tnum">{formatInstant(batch.created_at)}</span>,
  },
  {
    id: 'row_count',
    accessorKey: 'row_count',
    size: 110,
    sortFn: 'basic',
    meta: { label: 'Rows', align: 'right', narrow: true },
    cell: ({ row: { original: batch } }) => formatInt(batch.row_count),
  },
];

/** The files that were brought in, each of which can be undone as a whole. */
export default function ImportsPage() {
  const list = useInfiniteQuery(importsQuery);
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const mayImport = useMay('import.change');
  return (
    <>
      <PageHead
        title="Imports"
        sub="Files brought into the ledger, each committed and undone as a whole"
        right={
          mayImport && (
            <Actions>
              <May operation="metric.change">
                <ButtonLink variant="default" to="/imports/figures">
                  A company’s figures
                </ButtonLink>
              </May>
              <ButtonLink
                leftSection={<IconPlus size={16} />}
                to="/imports/$importId"
                params={{ importId: 'new' }}
              >
                Import a file
              </ButtonLink>
            </Actions>
          )
        }
      />
      <Loaded query={list} what="the imports" size="l">
        {() => (
          <>
            <DataTable
              data={rows}
              columns={COLUMNS}
              label="Imports"
              fileName="imports"
              rowId={(row) => String(row.id)}
              empty={
                <EmptyBlock
                  title="Nothing imported yet"
                  hint="Flows, a full ledger or a summary of funds, as CSV or XLSX."
                />
              }
            />
            {list.hasNextPage && (
              <Button variant="default" onClick={() => void list.fetchNextPage()}>
                Load more
              </Button>
            )}
          </>
        )}
      </Loaded>
    </>
  );
}
