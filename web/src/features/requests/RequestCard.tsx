import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useMay } from '@/api/abilities';
import { formatDate, formatInstant, periodText } from '@/lib/format';
import {
  Actions,
  AsideOrDrawer,
  Button,
  ConfirmButton,
  DetailList,
  FormError,
  Loaded,
  Note,
  notify,
  RowList,
  SecretBox,
  Section,
  Stack,
} from '@/ui';
import { figureLine, useLabels } from './labels';
import { cancel, type DataRequest, makeLink, remind, requestQuery } from './queries';
import { SentFiles } from './SentFiles';
import { DECISIONS, PURPOSES, STATES } from './words';

/** One request: how far it is, what was sent, to whom links went, and what can be done about it. */
export function RequestCard({ id, onClose }: { id: number; onClose: () => void }) {
  const query = useQuery(requestQuery(id));
  const found = query.data;
  return (
    <AsideOrDrawer
      title={found ? `${found.company}, ${periodText(found.period)}` : `Request ${id}`}
      sub={found?.name}
      onClose={onClose}
    >
      <Loaded query={query} what="the request" size="m">
        {(request) => <About request={request} />}
      </Loaded>
    </AsideOrDrawer>
  );
}

function About({ request }: { request: DataRequest }) {
  const { labelOf, unitOf } = useLabels();
  const mayChange = useMay('data_request.change');
  const isWithCompany = ['asked', 'draft', 'returned'].includes(request.state);
  return (
    <Stack>
      <DetailList
        items={[
          { label: 'State', value: STATES[request.state] },
          { label: 'Due', value: formatDate(request.due_on) },
          ...(request.saved_at ? [{ label: 'Draft saved', value: formatInstant(request.saved_at) }] : []),
          ...(request.receipt
            ? [
                { label: 'Receipt', value: request.receipt },
                {
                  label: 'Sent',
                  value: `${formatInstant(request.submitted_at)}, by ${request.submitted_by ?? 'a link handed over'}`,
                },
              ]
            : []),
        ]}
      />
      {request.values.length > 0 && (
        <Section title="What was sent">
          <RowList
            label="Values"
            rows={request.values.map((one) => ({
              key: String(one.id),
              text: `${labelOf(one.metric)} · ${DECISIONS[one.state].toLowerCase()}`,
              note: `${figureLine(one, unitOf(one.metric))}${one.reason ? ` Sent back: ${one.reason}` : ''}`,
            }))}
          />
        </Section>
      )}
      {request.answers.length > 0 && (
        <Section title="Answers">
          <DetailList
            items={request.answers.map(({ question, answer }) => ({ label: question, value: answer }))}
          />
        </Section>
      )}
      <SentFiles files={request.attachments} />
      <Section title="Links that were sent">
        {request.links.length === 0 && <Note>None: nobody was written to yet.</Note>}
        <RowList
          label="Links"
          rows={request.links.map((one) => ({
            key: String(one.id),
            text: one.email || 'Handed over',
            note: `${PURPOSES[one.purpose]} ${formatInstant(one.created_at)}, good until ${formatDate(one.expires_at)}`,
          }))}
        />
      </Section>
      {mayChange && request.state !== 'cancelled' && <Act request={request} isWithCompany={isWithCompany} />}
    </Stack>
  );
}

function Act({ request, isWithCompany }: { request: DataRequest; isWithCompany: boolean }) {
  const cache = useQueryClient();
  const [link, setLink] = useState<string | null>(null);
  const settled = () => cache.invalidateQueries({ queryKey: ['requests'] });
  const again = useMutation({
    mutationFn: () => remind(request.id),
    onSuccess: () => notify('Reminded', request.company),
    onSettled: settled,
  });
  const hand = useMutation({
    mutationFn: () => makeLink(request.id),
    onSuccess: setLink,
    onSettled: settled,
  });
  const back = useMutation({
    mutationFn: () => cancel(request.id),
    onSuccess: () => notify('Taken back', request.company),
    onSettled: settled,
  });
  return (
    <>
      {link && <SecretBox label="Link to the form" text={link} />}
      <FormError error={again.error ?? hand.error ?? back.error} />
      <Actions>
        <ConfirmButton
          size="sm"
          effect="Its links open nothing any more; what was recorded stays."
          onConfirm={() => back.mutate()}
        >
          Take back
        </ConfirmButton>
        {isWithCompany && (
          <>
            <Button variant="default" onClick={() => hand.mutate()} loading={hand.isPending}>
              Make a link
            </Button>
            <Button onClick={() => again.mutate()} loading={again.isPending}>
              Remind now
            </Button>
          </>
        )}
      </Actions>
    </>
  );
}
