import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Person } from '@/api/types';
import {
  Actions,
  Button,
  Checkbox,
  DownloadLink,
  FormError,
  Held,
  Note,
  notify,
  Stack,
  TextInput,
} from '@/ui';
import { erasePerson, personalDataHref } from './queries';

/** Giving a person all that is kept about them, and erasing them. */
export function PersonalData({ person, isMe }: { person: Person; isMe: boolean }) {
  const [erasing, setErasing] = useState(false);
  if (erasing) return <Erase person={person} onCancel={() => setErasing(false)} />;
  return (
    <Stack>
      <Note>
        A file with every row about them, to give them. Erasing puts a pseudonym in the place of their name,
        address, devices and networks; no amount changes.
      </Note>
      <Actions>
        {!isMe && (
          <Button variant="default" onClick={() => setErasing(true)}>
            Erase…
          </Button>
        )}
        <DownloadLink href={personalDataHref(person.id)}>Download their data</DownloadLink>
      </Actions>
    </Stack>
  );
}

function Erase({ person, onCancel }: { person: Person; onCancel: () => void }) {
  const cache = useQueryClient();
  const [typed, setTyped] = useState('');
  const [investors, setInvestors] = useState(false);
  const erase = useMutation({
    mutationFn: () => erasePerson(person.id, investors),
    onSuccess: async ({ left_in_trail: left }) => {
      notify('Erased', `The audit trail keeps ${left} ${left === 1 ? 'row' : 'rows'} from before`);
      await cache.invalidateQueries();
    },
  });
  const sure = typed.trim().toLowerCase() === person.email.toLowerCase();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (sure) erase.mutate();
      }}
    >
      <Held pending={erase.isPending} stacked>
        <Note>
          This cannot be undone. They can sign in no more. What the audit trail told of them before stays in
          it, and so do free texts that name them and older backups.
        </Note>
        <Checkbox
          label="Rename investors with this address too"
          description="Where the investor is the person, not an institution"
          checked={investors}
          onChange={(event) => setInvestors(event.currentTarget.checked)}
        />
        <TextInput
          label={`Type ${person.email} to go on`}
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <FormError error={erase.error} />
        <Actions>
          <Button variant="default" onClick={onCancel}>
            Leave it
          </Button>
          <Button type="submit" color="red" disabled={!sure} loading={erase.isPending}>
            Erase for good
          </Button>
        </Actions>
      </Held>
    </form>
  );
}
