import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { Import, Preview } from '@/api/types';
import { formatInt } from '@/lib/format';
import { Actions, Button, Card, CardHead, FormError, Note, StatusPill } from '@/ui';
import { Facts } from './Facts';
import classes from './imports.module.css';
import { commitImport, discardImport } from './queries';

interface Props {
  batch: Import;
  preview: Preview;
}

/** What would be recorded, in numbers, and the one button that records it. */
export function CommitCard({ batch, preview }: Props) {
  const cache = useQueryClient();
  const navigate = useNavigate();
  const { counts } = preview;
  const commit = useMutation({
    mutationFn: () => commitImport(batch.id),
    // Everything may be new but the preview: of a recorded file there is none.
    onSuccess: () => cache.invalidateQueries({ predicate: ({ queryKey }) => queryKey[2] !== 'preview' }),
  });
  const discard = useMutation({
    mutationFn: () => discardImport(batch.id),
    onSuccess: async () => {
      await navigate({ to: '/imports' });
      await cache.invalidateQueries({ queryKey: ['imports'] });
    },
  });
  const ready = counts.error === 0 && counts.new > 0;
  return (
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
        <Facts values={preview.totals} />
        {preview.notes.map((note) => (
          <Note key={note}>{note}</Note>
        ))}
        {counts.error > 0 && <Note>Correct the file and upload it again: nothing has been recorded.</Note>}
        <FormError error={commit.error ?? discard.error} />
        <Actions>
          <Button variant="default" onClick={() => discard.mutate()} loading={discard.isPending}>
            Drop this file
          </Button>
          <Button onClick={() => commit.mutate()} loading={commit.isPending} disabled={!ready}>
            {`Record ${formatInt(counts.new)} ${counts.new === 1 ? 'row' : 'rows'}`}
          </Button>
        </Actions>
      </div>
    </Card>
  );
}
