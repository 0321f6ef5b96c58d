import { Button } from '@mantine/core';
import { formatInstant, formatInt } from '@/lib/format';
import { EmptyBlock } from '../states/EmptyBlock';
import { StatusPill } from '../StatusPill';
import { DataTable } from '../table/DataTable';
import type { Column } from '../table/features';
import { TextButton } from '../TextButton';

export interface RecordedFile {
  id: number;
  filename: string;
  recorded_at: string;
  recorded_by: number | null;
  row_count: number;
  undone_by: number | null;
}

interface Props {
  pages: readonly { items: RecordedFile[] }[];
  title: string;
  fileName: string;
  /** What its rows are. */
  rows: string;
  empty: { title: string; hint: string };
  onOpen: (id: number) => void;
  /** Absent where there are no more. */
  onMore?: () => void;
  loading: boolean;
}

/** The files that were recorded, each of which can be taken back as a whole. */
export function RecordedFiles({ pages, title, fileName, rows, empty, onOpen, onMore, loading }: Props) {
  return (
    <DataTable
      data={pages.flatMap(({ items }) => items)}
      columns={columns(rows, onOpen)}
      label={title}
      fileName={fileName}
      rowId={({ id }) => String(id)}
      heading={{ title, sub: 'A file opens to its receipt, and to the way back' }}
      empty={<EmptyBlock {...empty} />}
      more={
        onMore && (
          <Button variant="default" size="xs" loading={loading} onClick={onMore}>
            Load more
          </Button>
        )
      }
    />
  );
}

const columns = (rows: string, onOpen: (id: number) => void): Column<RecordedFile>[] => [
  {
    id: 'filename',
    accessorKey: 'filename',
    size: 200,
    meta: { label: 'File', narrow: 140 },
    cell: ({ row: { original: file } }) => (
      <TextButton onClick={() => onOpen(file.id)}>{file.filename}</TextButton>
    ),
  },
  {
    id: 'recorded_at',
    accessorKey: 'recorded_at',
    size: 160,
    meta: { label: 'Recorded' },
    cell: ({ row: { original: file } }) => <span className="tnum">{formatInstant(file.recorded_at)}</span>,
  },
  {
    id: 'row_count',
    accessorKey: 'row_count',
    size: 100,
    sortFn: 'basic',
    meta: { label: rows, align: 'right', narrow: 90 },
    cell: ({ row: { original: file } }) => formatInt(file.row_count),
  },
  {
    id: 'state',
    accessorFn: ({ undone_by: by }) => (by === null ? 'Recorded' : 'Undone'),
    size: 100,
    filterFn: 'arrIncludesSome',
    meta: { label: 'State', facet: true, narrow: 90 },
    cell: ({ row: { original: file } }) =>
      file.undone_by === null ? 'Recorded' : <StatusPill tone="neutral">Undone</StatusPill>,
  },
];
