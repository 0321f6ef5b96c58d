import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Import } from '@/api/types';
import { formatInstant, humanise } from '@/lib/format';
import { Actions, Button, ButtonLink, Card, CardHead, FormError, IconArrowBackUp, Note } from '@/ui';
import { Facts } from './Facts';
import classes from './imports.module.css';
import { undoImport } from './queries';

/** What a committed file brought in, and the way back. */
export function Receipt({ batch }: { batch: Import }) {
  const cache = useQueryClient();
  const undo = useMutation({
    mutationFn: () => undoImport(batch.id),
    onSuccess: () => cache.invalidateQueries(),
  });
  const committed = batch.status === 'committed';
  return (
    <Card>
      <CardHead
        title={committed ? 'Recorded' : humanise(batch.status)}
        sub={formatInstant(committed ? batch.committed_at : batch.undone_at)}
      />
      <div className={classes.body}>
        <Facts values={batch.receipt} />
        {committed && <Note>Undoing takes everything this file brought in out of the ledger again.</Note>}
        <FormError error={undo.error} />
        <Actions>
          {committed && (
            <Button
              variant="default"
              leftSection={<IconArrowBackUp size={16} />}
              onClick={() => undo.mutate()}
              loading={undo.isPending}
            >
              Undo this import
            </Button>
          )}
          <ButtonLink to="/funds">To the funds</ButtonLink>
        </Actions>
      </div>
    </Card>
  );
}
