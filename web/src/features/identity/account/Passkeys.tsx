import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { describeDevice } from '@/lib/devices';
import { formatDate, formatInstant } from '@/lib/format';
import { passkeysWork, turnedAway } from '@/lib/passkeys';
import {
  Actions,
  Button,
  Card,
  CardBody,
  CardHead,
  FormDrawer,
  FormError,
  Held,
  Loaded,
  Note,
  notify,
  RowList,
  TextInput,
} from '@/ui';
import { PasswordAgain } from '../PasswordAgain';
import { addPasskey, passkeysQuery, removePasskey, renamePasskey } from '../passkeys';

/** Passkeys: signing in by what unlocks the device, without a password. */
export function Passkeys() {
  const passkeys = useQuery(passkeysQuery);
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<{ id: number; name: string } | null>(null);
  const [renaming, setRenaming] = useState<{ id: number; name: string } | null>(null);
  const works = passkeysWork();
  return (
    <Card>
      <CardHead title="Passkeys" sub="Sign in by what unlocks your device, without a password" />
      <CardBody>
        <Loaded query={passkeys} what="your passkeys" size="s">
          {(found) => (
            <>
              {found.length === 0 && <Note>None yet.</Note>}
              <RowList
                label="Passkeys"
                rows={found.map((one) => ({
                  key: String(one.id),
                  text: one.name,
                  note: [
                    `made ${formatDate(one.created_at)}`,
                    one.used_at ? `last used ${formatInstant(one.used_at)}` : 'not used yet',
                    one.is_synced && 'on several devices',
                  ]
                    .filter(Boolean)
                    .join(' · '),
                  right: (
                    <Actions>
                      <Button size="xs" variant="default" onClick={() => setRenaming(one)}>
                        Rename
                      </Button>
                      <Button size="xs" variant="default" onClick={() => setRemoving(one)}>
                        Remove
                      </Button>
                    </Actions>
                  ),
                }))}
              />
            </>
          )}
        </Loaded>
        {works ? (
          <Actions>
            <Button variant="default" onClick={() => setAdding(true)}>
              Add a passkey
            </Button>
          </Actions>
        ) : (
          <Note>This browser cannot make passkeys.</Note>
        )}
      </CardBody>
      <FormDrawer opened={adding} onClose={() => setAdding(false)} title="Add a passkey">
        <Add onDone={() => setAdding(false)} />
      </FormDrawer>
      <FormDrawer opened={renaming !== null} onClose={() => setRenaming(null)} title="Rename a passkey">
        {renaming && <Rename {...renaming} onDone={() => setRenaming(null)} />}
      </FormDrawer>
      <FormDrawer
        opened={removing !== null}
        onClose={() => setRemoving(null)}
        title={`Remove ${removing?.name ?? ''}`}
      >
        {removing && <Remove id={removing.id} onDone={() => setRemoving(null)} />}
      </FormDrawer>
    </Card>
  );
}

/** Says what was done, and reads the account again. */
function useDone(said: string, onDone: () => void) {
  const cache = useQueryClient();
  return async () => {
    await cache.invalidateQueries({ queryKey: ['account'] });
    notify(said);
    onDone();
  };
}

function Add({ onDone }: { onDone: () => void }) {
  const add = useMutation({ mutationFn: addPasskey, onSuccess: useDone('Passkey added', onDone) });
  return (
    <PasswordAgain
      submit="Go on"
      nameLabel="Name"
      initialName={describeDevice(navigator.userAgent)}
      onSubmit={(password, name) => add.mutate({ password, name })}
      pending={add.isPending}
      error={turnedAway(add.error) ? null : add.error}
      note="Your browser asks next how to unlock it."
    />
  );
}

function Rename({ id, name, onDone }: { id: number; name: string; onDone: () => void }) {
  const [text, setText] = useState(name);
  const rename = useMutation({ mutationFn: renamePasskey, onSuccess: useDone('Passkey renamed', onDone) });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim()) rename.mutate({ id, name: text.trim() });
      }}
    >
      <Held pending={rename.isPending} stacked>
        <TextInput
          label="Name"
          required
          data-autofocus
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <FormError error={rename.error} />
        <Actions>
          <Button type="submit" loading={rename.isPending} disabled={!text.trim()}>
            Save
          </Button>
        </Actions>
      </Held>
    </form>
  );
}

function Remove({ id, onDone }: { id: number; onDone: () => void }) {
  const remove = useMutation({ mutationFn: removePasskey, onSuccess: useDone('Passkey removed', onDone) });
  return (
    <PasswordAgain
      submit="Remove"
      onSubmit={(password) => remove.mutate({ id, password })}
      pending={remove.isPending}
      error={remove.error}
      note="It signs you in no more. Your device may go on showing it until you delete it there."
    />
  );
}
