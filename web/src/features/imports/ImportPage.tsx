import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { Import } from '@/api/types';
import { humanise } from '@/lib/format';
import { Card, ErrorBlock, LoadingBlock, Note, PageHead, Stack, Steps } from '@/ui';
import { Mapping } from './Mapping';
import { PreviewStep } from './PreviewStep';
import { importQuery } from './queries';
import { Receipt } from './Receipt';
import { Upload } from './Upload';

const STEPS = ['Upload', 'Columns', 'Check', 'Done'];

/** The way of a file into the ledger: upload, map its columns, look at every row, commit; and undo. */
export default function ImportPage() {
  const { importId } = useParams({ from: '/frame/imports/$importId' });
  return (
    <>
      <PageHead title="Import a file" crumbs={<Link to="/imports">Imports</Link>} />
      {importId === 'new' ? (
        <Stack>
          <Steps labels={STEPS} current={0} />
          <Upload />
        </Stack>
      ) : (
        <Existing id={importId} />
      )}
    </>
  );
}

function Existing({ id }: { id: string }) {
  const batch = useQuery(importQuery(id));
  if (batch.isError) {
    return (
      <Card>
        <ErrorBlock error={batch.error} what="this import" onRetry={() => void batch.refetch()} />
      </Card>
    );
  }
  if (!batch.data) return <LoadingBlock size="l" label="the import" />;
  const open = batch.data.status === 'uploaded';
  const unmapped = missing(batch.data);
  return (
    <Stack>
      <Steps labels={STEPS} current={open ? (unmapped.length > 0 ? 1 : 2) : 3} />
      <Note>{`${batch.data.filename} · ${humanise(batch.data.kind)}`}</Note>
      {open ? (
        <>
          <Mapping key={JSON.stringify([batch.data.mapping, batch.data.options])} batch={batch.data} />
          {unmapped.length === 0 && <PreviewStep batch={batch.data} />}
        </>
      ) : (
        <Receipt batch={batch.data} />
      )}
    </Stack>
  );
}

/** The required fields that neither a column nor an option gives. */
function missing({ fields, mapping, options }: Import): string[] {
  const given = { ...mapping, ...(options.fund ? { fund: options.fund } : {}) };
  return fields.filter((field) => field.required && !(field.name in given)).map((field) => field.name);
}
