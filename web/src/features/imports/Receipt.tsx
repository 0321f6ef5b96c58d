import { useMutation, useQueryClient } from '@tanstack/react-query';
import { formatInstant, formatInt, humanise } from '@/lib/format';
import { Actions, Button, ButtonLink, Card, CardHead, FormError, IconArrowBackUp, Note } from '@/ui';
import classes from './imports.module.css';
import { type ImportBatch, undoImport } from './queries';

/** What a committed file brought in, and the way back. */
export function Receipt({ batch }: { batch: ImportBatch }) {
  const cache = useQueryClient();
  const undo = useMutation({
    mutationFn: () => undoImport(String(batch.id)),
    onSuccess: () => cache.invalidateQueries(),
  });
  const committed = batch.status === 'committed';
  return (
    <Card>
      <CardHead
        title={committed ? 'Recorded' : humanise(batch.status)}
        sub={committed ? formatInstant(batch.committed_at) : formatInstant(batch.undone_at)}
      />
      <div className={classes.body}>
        <dl className={classes.facts}>
          {Object.entries(batch.receipt).map(([name, value]) => (
            <div key={name}>
              <dt>{humanise(name)}</dt>
              <dd className="tnum">{typeof value === 'number' ? formatInt(value) : value}</dd>
            </div>
          ))}
        </dl>
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
