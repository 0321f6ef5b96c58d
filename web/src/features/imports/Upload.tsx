import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiError } from '@/api/client';
import type { ImportKind } from '@/api/types';
import { Actions, Button, Card, CardHead, FileDrop, FormError, Note, SegmentedControl } from '@/ui';
import classes from './imports.module.css';
import { uploadFile } from './queries';

const KINDS: { value: ImportKind; label: string }[] = [
  { value: 'flows', label: 'Flows' },
  { value: 'ledger', label: 'Full ledger' },
  { value: 'summary', label: 'Fund summary' },
];
const HINTS: Record<ImportKind, string> = {
  flows:
    'One row a flow: fund, date, kind (contribution, distribution, adjustment or nav), amount, recallable.',
  ledger:
    'A workbook with a sheet for each: funds, investors, commitments, calls, distributions, companies, transactions, marks.',
  summary:
    'One row a fund: commitment, paid-in, distributed, NAV, as pension funds publish. Dated as opening balances.',
};

export function Upload() {
  const navigate = useNavigate();
  const [kind, setKind] = useState<ImportKind>('flows');
  const upload = useMutation({
    mutationFn: uploadFile,
    onSuccess: (batch) =>
      navigate({ to: '/imports/$importId', params: { importId: String(batch.id) }, replace: true }),
  });
  const before = upload.error instanceof ApiError && upload.error.code === 'file_imported_before';
  return (
    <Card>
      <CardHead title="What kind of file" />
      <div className={classes.body}>
        <SegmentedControl
          data={KINDS}
          value={kind}
          onChange={(value) => setKind(value as ImportKind)}
          aria-label="Kind of file"
        />
        <Note>{HINTS[kind]}</Note>
        <FileDrop
          accept=".csv,.xlsx,.zip"
          hint="CSV or XLSX. Nothing is recorded until you have seen every row."
          onFile={(file) => upload.mutate({ file, kind, again: false })}
          loading={upload.isPending}
        />
        <FormError error={upload.error} />
        {before && upload.variables && (
          <Actions>
            <Button variant="default" onClick={() => upload.mutate({ ...upload.variables, again: true })}>
              Take it again
            </Button>
          </Actions>
        )}
      </div>
    </Card>
  );
}
