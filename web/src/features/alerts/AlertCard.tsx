import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { useMay } from '@/api/abilities';
import { usePeopleNames } from '@/api/people';
import { formatInstant } from '@/lib/format';
import {
  Actions,
  Anchor,
  AsideOrDrawer,
  Button,
  DetailList,
  FormError,
  Held,
  Loaded,
  notify,
  Section,
  Stack,
  Textarea,
  useShortcuts,
  VersionList,
} from '@/ui';
import { acknowledge, type Alert, alertQuery, type AlertVersion, close } from './queries';
import { kindText, SEVERITIES, STATES, versionTitle } from './words';

/** One alert: what it says, where to look, what became of it, and the decision. */
export function AlertCard({ id, onClose }: { id: number; onClose: () => void }) {
  const query = useQuery(alertQuery(id));
  const found = query.data?.alert;
  return (
    <AsideOrDrawer
      title={found ? kindText(found.kind) : `Alert ${id}`}
      sub={found && `${found.company} · since ${formatInstant(found.opened_at)}`}
      onClose={onClose}
    >
      <Loaded query={query} what="the alert" size="m">
        {({ alert, versions }) => <About alert={alert} versions={versions} />}
      </Loaded>
    </AsideOrDrawer>
  );
}

function About({ alert, versions }: { alert: Alert; versions: AlertVersion[] }) {
  const { history } = useRouter();
  const nameOf = usePeopleNames();
  const mayChange = useMay('alert.change');
  const items = versions
    .map((one, at) => ({
      key: String(one.version),
      at: one.recorded_at,
      title: versionTitle(one, versions[at - 1]),
      by: one.decided_by === null ? 'by itself' : nameOf(one.decided_by),
      changes: [],
    }))
    .reverse();
  return (
    <Stack>
      <p>{alert.says}</p>
      <DetailList
        items={[
          { label: 'Severity', value: SEVERITIES[alert.severity] },
          { label: 'State', value: STATES[alert.state] },
          {
            label: 'Company',
            value: (
              <Anchor
                href={alert.link}
                onClick={(event) => {
                  event.preventDefault();
                  history.push(alert.link);
                }}
              >
                Look at {alert.company}
              </Anchor>
            ),
          },
        ]}
      />
      <Section title="What happened">
        <VersionList label="History of the alert" items={items} />
      </Section>
      {mayChange && alert.state !== 'closed' && <Decide key={alert.id} alert={alert} />}
    </Stack>
  );
}

function Decide({ alert }: { alert: Alert }) {
  const cache = useQueryClient();
  const [closing, setClosing] = useState(false);
  const [note, setNote] = useState('');
  const settled = () => cache.invalidateQueries({ queryKey: ['alerts'] });
  const seen = useMutation({
    mutationFn: () => acknowledge(alert.id),
    onSuccess: () => notify('Acknowledged', alert.company),
    onSettled: settled,
  });
  const done = useMutation({
    mutationFn: () => close(alert.id, note.trim()),
    onSuccess: () => notify('Closed', alert.company),
    onSettled: settled,
  });
  const isOpen = alert.state === 'open';
  useShortcuts(
    isOpen ? [{ keys: 'a', label: 'Acknowledge', run: () => !seen.isPending && seen.mutate() }] : [],
  );
  if (closing)
    return (
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (note.trim()) done.mutate();
        }}
      >
        <Held pending={done.isPending} stacked>
          <Textarea
            label="Why is it closed"
            description="It opens again only when its cause was gone and returns."
            required
            autosize
            minRows={2}
            maxLength={1000}
            data-autofocus
            autoFocus
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
          <FormError error={done.error} />
          <Actions>
            <Button variant="default" onClick={() => setClosing(false)}>
              Leave it
            </Button>
            <Button type="submit" loading={done.isPending} disabled={!note.trim()}>
              Close
            </Button>
          </Actions>
        </Held>
      </form>
    );
  return (
    <>
      <FormError error={seen.error} />
      <Actions>
        <Button variant="default" onClick={() => setClosing(true)}>
          Close…
        </Button>
        {isOpen && (
          <Button onClick={() => seen.mutate()} loading={seen.isPending}>
            Acknowledge
          </Button>
        )}
      </Actions>
    </>
  );
}
