import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Import, Preview, PreviewRow, RowError } from '@/api/types';
import { formatInt } from '@/lib/format';
import { type Column, DataTable, Loaded, StatusPill, type Tone } from '@/ui';
import { CommitCard } from './CommitCard';
import { errorsHref, previewQuery } from './queries';

const STATES: Record<string, { tone: Tone; text: string }> = {
  new: { tone: 'pos', text: 'new' },
  duplicate: { tone: 'neutral', text: 'known' },
  error: { tone: 'neg', text: 'error' },
};

/** Every row and what would become of it. With one bad row nothing is recorded. */
export function PreviewStep({ batch }: { batch: Import }) {
  const preview = useQuery(previewQuery(String(batch.id)));
  return (
    <Loaded query={preview} what="the preview" size="l">
      {(data) => <Checked batch={batch} preview={data} />}
    </Loaded>
  );
}

function Checked({ batch, preview }: { batch: Import; preview: Preview }) {
  const columns = useMemo(() => previewColumns(batch), [batch]);
  return (
    <>
      <CommitCard batch={batch} preview={preview} />
      {preview.errors.length > 0 && (
        <DataTable
          data={preview.errors}
          columns={ERROR_COLUMNS}
          label="Errors"
          fileName={`errors-${batch.filename}`}
          rowId={(row) => `${row.row}-${row.column}-${row.reason}`}
          heading={{
            title: 'Errors',
            sub: `${formatInt(preview.error_count)} in the file`,
            right: (
              <a href={errorsHref(batch.id)} download>
                All errors
              </a>
            ),
          }}
        />
      )}
      <DataTable
        data={preview.items}
        columns={columns}
        label="Rows of the file"
        fileName={`rows-${batch.filename}`}
        rowId={(row) => `${row.sheet}-${row.row}`}
        heading={{
          title: 'Rows of the file',
          sub: preview.next ? `The first ${preview.items.length} of ${formatInt(preview.total)}` : undefined,
        }}
      />
    </>
  );
}

const ERROR_COLUMNS: Column<RowError>[] = [
  { id: 'row', accessorKey: 'row', size: 80, sortFn: 'basic', meta: { label: 'Row', narrow: true } },
  {
    id: 'column',
    accessorKey: 'column',
    size: 160,
    filterFn: 'arrIncludesSome',
    meta: { label: 'Column', facet: true },
  },
  { id: 'value', accessorKey: 'value', size: 200, meta: { label: 'Value' } },
  { id: 'reason', accessorKey: 'reason', size: 460, meta: { label: 'Reason', narrow: true } },
];

function previewColumns(batch: Import): Column<PreviewRow>[] {
  const mapped = batch.fields.filter((field) => batch.mapping[field.name]);
  return [
    { id: 'row', accessorKey: 'row', size: 80, sortFn: 'basic', meta: { label: 'Row', narrow: 50 } },
    {
      id: 'state',
      accessorKey: 'state',
      size: 110,
      filterFn: 'arrIncludesSome',
      meta: { label: 'State', facet: true, narrow: 70 },
      cell: ({ row: { original: row } }) => (
        <StatusPill tone={STATES[row.state]?.tone ?? 'neutral'}>
          {STATES[row.state]?.text ?? row.state}
        </StatusPill>
      ),
    },
    ...mapped.map((field, index): Column<PreviewRow> => ({
      id: field.name,
      accessorFn: (row) => row.values[field.name],
      size: 170,
      meta: { label: field.label, narrow: index < 2 ? 110 : false },
    })),
  ];
}
