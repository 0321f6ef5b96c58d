import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useMay } from '@/api/abilities';
import type { Approval } from '@/api/types';
import { Actions, Button, ConfirmButton, FormError, Held, Note, notify, Textarea, useShortcuts } from '@/ui';
import { approve, refuse, withdraw } from './queries';
import { askedFor } from './words';

/** The decision on what waits: approve or refuse what others asked for, withdraw what one asked for oneself. */
export function Decide({ request, mine }: { request: Approval; mine: boolean }) {
  const mayDecide = useMay('approval.change');
  if (!mayDecide) return <Note>It waits for an administrator, a manager or an accountant.</Note>;
  return mine ? <Own request={request} /> : <Others request={request} />;
}

function useDecision(request: Approval, title: string, decide: () => Promise<void>) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: decide,
    onSuccess: () => notify(title, askedFor(request)),
    // What was approved may change any figure; a refusal may mean that somebody else decided meanwhile.
    onSettled: () => cache.invalidateQueries(),
  });
}

function Own({ request }: { request: Approval }) {
  const back = useDecision(request, 'Withdrawn', () => withdraw(request.id));
  return (
    <>
      <Note>You asked for this. Somebody else has to approve it.</Note>
      <Actions>
        <ConfirmButton
          effect="It is not done, and nobody can approve it any more. That you asked stays on record."
          onConfirm={() => back.mutate()}
          loading={back.isPending}
        >
          Withdraw
        </ConfirmButton>
      </Actions>
      <FormError error={back.error} />
    </>
  );
}

function Others({ request }: { request: Approval }) {
  const [asking, setAsking] = useState(false);
  const [refusing, setRefusing] = useState(false);
  const [reason, setReason] = useState('');
  const yes = useDecision(request, 'Approved', () => approve(request.id));
  const no = useDecision(request, 'Refused', () => refuse(request.id, reason.trim()));
  useShortcuts([
    { keys: 'a', label: 'Approve', run: () => setAsking(true) },
    { keys: 'r', label: 'Refuse', run: () => setRefusing(true) },
  ]);
  if (refusing)
    return (
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (reason.trim()) no.mutate();
        }}
      >
        <Held pending={no.isPending} stacked>
          <Textarea
            label="Why not"
            description={`${request.maker_name} reads this.`}
            required
            autosize
            minRows={2}
            maxLength={1000}
            data-autofocus
            autoFocus
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <FormError error={no.error} />
          <Actions>
            <Button variant="default" onClick={() => setRefusing(false)}>
              Leave it
            </Button>
            <Button type="submit" loading={no.isPending} disabled={!reason.trim()}>
              Refuse
            </Button>
          </Actions>
        </Held>
      </form>
    );
  return (
    <>
      <FormError error={yes.error ?? no.error} />
      <Actions>
        <Button variant="default" onClick={() => setRefusing(true)}>
          Refuse…
        </Button>
        <ConfirmButton
          variant="filled"
          effect={`It is done now, in your name: ${askedFor(request).toLowerCase()}.`}
          opened={asking}
          onOpened={setAsking}
          onConfirm={() => yes.mutate()}
          loading={yes.isPending}
        >
          Approve
        </ConfirmButton>
      </Actions>
    </>
  );
}
