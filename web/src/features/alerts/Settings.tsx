import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import {
  Actions,
  Button,
  Card,
  CardBody,
  CardHead,
  FormError,
  Held,
  Loaded,
  notify,
  PercentField,
  Switch,
  TextInput,
} from '@/ui';
import { saveSettings, type Settings as Values, settingsQuery } from './queries';

/** What the firm bears before it is told. */
export function Settings({ mayChange }: { mayChange: boolean }) {
  const settings = useQuery(settingsQuery);
  return (
    <Card>
      <CardHead title="Payments of cohorts" sub="When the firm is told, and how" />
      <CardBody>
        <Loaded query={settings} what="the settings" size="s">
          {(found) => <Fields key={found.version} known={found} mayChange={mayChange} />}
        </Loaded>
      </CardBody>
    </Card>
  );
}

function Fields({ known, mayChange }: { known: Values; mayChange: boolean }) {
  const cache = useQueryClient();
  const [tolerance, setTolerance] = useState(known.drift_tolerance ?? '');
  const [days, setDays] = useState(String(known.upload_days));
  const [settle, setSettle] = useState(String(known.settle_days));
  const [mail, setMail] = useState(known.mail_digest);
  const save = useMutation({
    mutationFn: () =>
      saveSettings({
        drift_tolerance: tolerance || null,
        upload_days: Number(days),
        settle_days: Number(settle),
        mail_digest: mail,
      }),
    onSuccess: async () => {
      notify('Saved', 'What the firm bears before it is told');
      await cache.invalidateQueries({ queryKey: ['alerts'] });
    },
  });
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Held pending={save.isPending} stacked>
        <PercentField
          label="Off the forecast by more than"
          description="Empty: outside the forecast’s own band"
          value={tolerance}
          onChange={setTolerance}
        />
        <TextInput
          label="Days to wait for payments"
          description="After a month’s end"
          inputMode="numeric"
          value={days}
          onChange={(event) => setDays(event.currentTarget.value)}
        />
        <TextInput
          label="Days to settle a statement"
          description="From the day it was issued; then it is overdue"
          inputMode="numeric"
          value={settle}
          onChange={(event) => setSettle(event.currentTarget.value)}
        />
        <Switch
          label="A mail a day"
          description="To administrators and managers, when alerts were opened"
          checked={mail}
          onChange={(event) => setMail(event.currentTarget.checked)}
        />
        <FormError error={save.error} />
        {mayChange && (
          <Actions>
            <Button type="submit" variant="default" loading={save.isPending}>
              Save
            </Button>
          </Actions>
        )}
      </Held>
    </form>
  );
}
