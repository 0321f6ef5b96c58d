import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { formatInt } from '@/lib/format';
import {
  Actions,
  Button,
  Card,
  CardHead,
  type Column,
  DataTable,
  FormError,
  Loaded,
  Note,
  StatusPill,
  type Tone,
} from '@/ui';
import classes from './imports.module.css';
import {
  commitImport,
  type ImportBatch,
  type Preview,
  previewQuery,
  type PreviewRow,
  type RowError,
} from './queries';

const TONES: Record<PreviewRow['state'], Tone> = { new: 'pos', duplicate: 'neutral', error: 'neg' };

/** Every row and what would become of it. With one bad row nothing is recorded. */
export function PreviewStep({ batch }: { batch: ImportBatch }) {
  const preview = useQuery(previewQuery(String(batch.id)));
  return (
    <Loaded query={preview} what="the preview" size="l">
      {(data) => <Checked batch={batch} preview={data} />}
    </Loaded>
  );
}

function Checked({ batch, preview }: { batch: ImportBatch; preview: Preview }) {
  const cache = useQueryClient();
  const commit = useMutation({
    mutationFn: () => commitImport(String(batch.id)),
    onSuccess: () => cache.invalidateQueries(),
  });
  const columns = useMemo(() => previewColumns(batch), [batch]);
  const { counts } = preview;
  const ready = counts.error === 0 && counts.new > 0;
  return (
    <>
      <Card>
        <CardHead title="Check" sub="All rows are recorded together, or none" />
        <div className={classes.body}>
          <div className={classes.counts}>
            <StatusPill tone="pos">{formatInt(counts.new)} new</StatusPill>
            <StatusPill tone="neutral">{formatInt(counts.duplicate)} known already</StatusPill>
            <StatusPill tone={counts.error ? 'neg' : 'neutral'}>
              {formatInt(counts.error)} with errors
            </StatusPill>
          </div>
          {counts.error > 0 && <Note>Correct the file and upload it again: nothing has been recorded.</Note>}
          <FormError error={commit.error} />
          <Actions>
            <Button onClick={() => commit.mutate()} loading={commit.isPending} disabled={!ready}>
              {`Record ${formatInt(counts.new)} ${counts.new === 1 ? 'row' : 'rows'}`}
            </Button>
          </Actions>
        </div>
      </Card>
      {preview.errors.length > 0 && (
        <DataTable
          data={preview.errors}
          columns={ERROR_COLUMNS}
          label="Errors"
          fileName={`errors-${batch.filename}`}
          rowId={(row) => `${row.row}-${row.column}-${row.reason}`}
          heading={{ title: 'Errors', sub: 'Row, column, value and reason' }}
        />
      )}
      <DataTable
        data={preview.items}
        columns={columns}
        label="Rows of the file"
        fileName={`rows-${batch.filename}`}
        rowId={(row) => String(row.row)}
        heading={{ title: 'Rows of the file' }}
      />
    </>
  );
}

const ERROR_COLUMNS: Column<RowError>[] = [
  { id: 'row', accessorKey: 'row', size: 80, sortFn: 'basic', meta: { label: 'Row', narrow: true } },
  { id: 'column', accessorKey: 'column', size: 160, meta: { label: 'Column', facet: true } },
  { id: 'value', accessorKey: 'value', size: 200, meta: { label: 'Value' } },
  { id: 'reason', accessorKey: 'reason', size: 460, meta: { label: 'Reason', narrow: true } },
];

function previewColumns(batch: ImportBatch): Column<PreviewRow>[] {
  const mapped = batch.fields.filter((field) => batch.mapping[field.name]);
  return [
    { id: 'row', accessorKey: 'row', size: 80, sortFn: 'basic', meta: { label: 'Row', narrow: true } },
    {
      id: 'state',
      accessorKey: 'state',
      size: 140,
      filterFn: 'arrIncludesSome',
      meta: { label: 'State', facet: true, narrow: true },
      cell: ({ row: { original: row } }) => (
        <StatusPill tone={TONES[row.state]}>{row.state === 'duplicate' ? 'known' : row.state}</StatusPill>
      ),
    },
    ...mapped.map((field, index): Column<PreviewRow> => ({
      id: field.name,
      accessorFn: (row) => row.values[field.name],
      size: 170,
      meta: { label: field.label, narrow: index < 2 },
    })),
  ];
}
