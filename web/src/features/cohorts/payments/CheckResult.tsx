import { useMutation } from '@tanstack/react-query';
import type { UploadCheck } from '@/api/types';
import { downloadCsv } from '@/lib/csv';
import { formatDate, formatInt } from '@/lib/format';
import {
  Actions,
  Button,
  Card,
  CardBody,
  CardHead,
  type Column,
  DataTable,
  FormError,
  Money,
  NotAvailable,
  Note,
  Progress as ProgressBar,
  StatusPill,
} from '@/ui';
import classes from './payments.module.css';
import { Findings } from './Findings';
import { badCells } from './queries';
import type { Upload } from './usePaymentFile';

interface Props {
  upload: Upload;
  found: UploadCheck;
  currency: string;
}

/** What would become of every row, and the one button that records the file: all of it, or nothing. */
export function CheckResult({ upload, found, currency }: Props) {
  const sent = upload.sent!;
  const { record } = upload;
  const errors = useMutation({
    mutationFn: () => badCells(upload.companyId, sent),
    onSuccess: (csv) => downloadCsv(`errors-${sent.file.name}.csv`, csv),
  });
  const ready = found.wrong === 0 && found.new > 0;
  return (
    <>
      <Card>
        <CardHead title="Check" sub="All rows are recorded together, or none" />
        <CardBody>
          <div className={classes.counts}>
            <StatusPill tone="pos">{formatInt(found.new)} new</StatusPill>
            <StatusPill tone="neutral">{formatInt(found.duplicates)} recorded already</StatusPill>
            <StatusPill tone={found.wrong ? 'neg' : 'neutral'}>{formatInt(found.wrong)} wrong</StatusPill>
            <span className={classes.note}>
              {formatInt(found.rows)} rows{found.wrong === 0 && `, ${formatInt(found.customers)} customers`}
            </span>
          </div>
          {found.wrong > 0 && <Note>Correct the file and choose it again: nothing was recorded.</Note>}
          {found.wrong === 0 && found.new === 0 && (
            <Note>Every row is recorded already: there is nothing to do.</Note>
          )}
          <HowFar progress={upload.progress} />
          <FormError error={record.error} />
          <Actions>
            <Button variant="default" onClick={upload.leave}>
              Choose another file
            </Button>
            <Button disabled={!ready} loading={record.isPending} onClick={() => record.mutate(sent)}>
              {`Record ${formatInt(found.new)} ${found.new === 1 ? 'payment' : 'payments'}`}
            </Button>
          </Actions>
        </CardBody>
      </Card>
      <Findings findings={found.findings} fileName={sent.file.name} />
      {found.errors.length > 0 && (
        <DataTable
          data={[...found.errors].sort((one, other) => (one.row ?? 0) - (other.row ?? 0))}
          columns={ERROR_COLUMNS}
          label="Errors"
          fileName={`errors-${sent.file.name}`}
          rowId={(row) => `${row.row}-${row.column}-${row.reason}`}
          heading={{
            title: 'Errors',
            sub:
              found.error_count > found.errors.length
                ? `The first ${formatInt(found.errors.length)} of ${formatInt(found.error_count)} bad cells`
                : `${formatInt(found.error_count)} bad cells`,
            right: found.error_count > found.errors.length && (
              <Button variant="default" loading={errors.isPending} onClick={() => errors.mutate()}>
                {`All ${formatInt(found.error_count)} as CSV`}
              </Button>
            ),
          }}
        />
      )}
      <DataTable
        data={found.items}
        columns={sampleColumns(currency)}
        label="First rows"
        fileName={`rows-${sent.file.name}`}
        rowId={(row) => String(row.row)}
        heading={{ title: 'First rows', sub: 'As they are understood' }}
      />
    </>
  );
}

/** A large file is recorded by a job, which tells how far it is. */
function HowFar({ progress }: { progress: Upload['progress'] }) {
  if (!progress) return null;
  const { done, total, note } = progress;
  return (
    <div role="status">
      {total > 0 && (
        <ProgressBar
          value={Math.min(100, (100 * done) / total)}
          aria-label={`${note}: ${done} of ${total}`}
        />
      )}
      <Note>{`${formatInt(done)} ${note}`}</Note>
    </div>
  );
}

type BadCell = UploadCheck['errors'][number];
type SampleRow = UploadCheck['items'][number];

const ERROR_COLUMNS: Column<BadCell>[] = [
  { id: 'row', accessorKey: 'row', size: 80, sortFn: 'basic', meta: { label: 'Row', narrow: 50 } },
  {
    id: 'column',
    accessorKey: 'column',
    size: 150,
    filterFn: 'arrIncludesSome',
    meta: { label: 'Column', facet: true },
  },
  { id: 'value', accessorKey: 'value', size: 180, meta: { label: 'Value', narrow: 90 } },
  { id: 'reason', accessorKey: 'reason', size: 420, meta: { label: 'Reason', narrow: 150 } },
];

const sampleColumns = (currency: string): Column<SampleRow>[] => [
  { id: 'row', accessorKey: 'row', size: 80, sortFn: 'basic', meta: { label: 'Row' } },
  { id: 'customer_id', accessorKey: 'customer_id', size: 200, meta: { label: 'Customer', narrow: 120 } },
  {
    id: 'payment_date',
    accessorKey: 'payment_date',
    size: 130,
    meta: { label: 'Paid on', narrow: 100 },
    cell: ({ row: { original: row } }) =>
      row.payment_date === null ? (
        <NotAvailable why="it could not be read" />
      ) : (
        <span className="tnum">{formatDate(row.payment_date)}</span>
      ),
  },
  {
    id: 'amount',
    accessorKey: 'amount',
    size: 140,
    meta: { label: `Amount, ${currency}`, align: 'right', narrow: 110 },
    cell: ({ row: { original: row } }) => (
      <Money value={row.amount} currency={currency} bare why="it could not be read" />
    ),
  },
  { id: 'reference_id', accessorKey: 'reference_id', size: 180, meta: { label: 'Reference' } },
];
