import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError } from '@/api/client';
import type { FactRef } from '@/lib/facts';
import { EntryForm, FormStack, type FormValues, Loaded, Note, notify } from '@/ui';
import { Conflicted } from './Conflicted';
import { correctable, correctionBody, correctionFields, paidOnSeveralDays } from './edits';
import { correctFact, type Fact, factQuery } from './queries';
import { factName } from './words';

interface Props {
  fact: FactRef;
  onDone: () => void;
}

/** The form a fact was recorded with, filled; saved only over the version that was read. */
export function CorrectFact({ fact, onDone }: Props) {
  // What was read stays what it was while someone types: it is read again only on their word.
  const read = useQuery({ ...factQuery(fact), staleTime: Infinity, gcTime: 0 });
  return (
    <Loaded query={read} what="the entry" size="m">
      {(found) => (
        <Correction
          key={found.version}
          fact={fact}
          found={found}
          onDone={onDone}
          onReload={() => void read.refetch()}
        />
      )}
    </Loaded>
  );
}

interface CorrectionProps extends Props {
  found: Fact;
  onReload: () => void;
}

function Correction({ fact, found, onDone, onReload }: CorrectionProps) {
  const cache = useQueryClient();
  const [fields] = useState(() => correctionFields(fact.record, found));
  const save = useMutation({
    mutationFn: (values: FormValues) =>
      correctFact(fact, found.version, correctionBody(fact.record, found, values)),
    onSuccess: async () => {
      // A correction may change any figure on any page.
      await cache.invalidateQueries();
      notify('Corrected', factName(fact.record, found));
      onDone();
    },
  });
  if (!correctable(found))
    return (
      <Note>
        An opening balance came with a file. To change it, undo that import and bring the file in again.
      </Note>
    );
  const overtaken = save.error instanceof ApiError && save.error.status === 412;
  return (
    <FormStack>
      {found.lines !== undefined && (
        <Note>
          {`While the amounts stay, so does each investor’s line. A changed amount is split by commitment again. ${
            paidOnSeveralDays(found)
              ? 'The lines were paid on different days; a day given here is set on all.'
              : ''
          }`.trim()}
        </Note>
      )}
      {overtaken && <Conflicted fact={fact} seen={found} onReload={onReload} />}
      <EntryForm
        fields={fields}
        currency={String(found.currency ?? 'USD')}
        submitLabel="Save"
        onSubmit={(values) => save.mutate(values)}
        onCancel={onDone}
        pending={save.isPending}
        error={overtaken ? null : save.error}
      />
    </FormStack>
  );
}
