import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useMay } from '@/api/abilities';
import { formatDate, formatInstant } from '@/lib/format';
import {
  Actions,
  Button,
  Card,
  CardBody,
  CardHead,
  ConfirmButton,
  FormDrawer,
  FormError,
  FormStack,
  Held,
  Loaded,
  Note,
  notify,
  RowList,
  SecretBox,
  TextInput,
} from '@/ui';
import { createProgram, endProgram, programsQuery } from './queries';

/** Programs that work for me by short-lived access tokens, with my rights of each moment. */
export function Programs() {
  const cache = useQueryClient();
  const programs = useQuery(programsQuery);
  const mayChange = useMay('account.change');
  const [adding, setAdding] = useState(false);
  const end = useMutation({
    mutationFn: endProgram,
    onSuccess: async () => {
      notify('Program ended');
      await cache.invalidateQueries({ queryKey: ['account', 'programs'] });
    },
  });
  return (
    <Card>
      <CardHead title="Programs" sub="What works for you by access tokens, with your rights of each moment" />
      <CardBody>
        <Loaded query={programs} what="your programs" size="s">
          {(found) => (
            <>
              {found.length === 0 && <Note>None.</Note>}
              <RowList
                label="Programs"
                rows={found.map((one) => ({
                  key: String(one.id),
                  text: one.name,
                  note: `last renewed ${formatInstant(one.renewed_at)} · ends ${formatDate(one.expires_at)} at the latest`,
                  right: mayChange && (
                    <ConfirmButton
                      size="xs"
                      effect={`${one.name} is refused from its next request on.`}
                      onConfirm={() => end.mutate(one.id)}
                    >
                      End
                    </ConfirmButton>
                  ),
                }))}
              />
            </>
          )}
        </Loaded>
        <FormError error={end.error} />
        {mayChange && (
          <Actions>
            <Button variant="default" onClick={() => setAdding(true)}>
              Add a program
            </Button>
          </Actions>
        )}
      </CardBody>
      <FormDrawer opened={adding} onClose={() => setAdding(false)} title="Add a program">
        {adding && <Add onDone={() => setAdding(false)} />}
      </FormDrawer>
    </Card>
  );
}

function Add({ onDone }: { onDone: () => void }) {
  const cache = useQueryClient();
  const [name, setName] = useState('');
  const make = useMutation({
    mutationFn: () => createProgram(name.trim()),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['account', 'programs'] }),
  });
  if (make.data)
    return (
      <FormStack>
        <Note>
          Both are shown this once. The access token is good for {Math.round(make.data.expires_in / 60)}{' '}
          minutes; the program exchanges the refresh token at /api/v1/auth/refresh for the next pair.
        </Note>
        <SecretBox label="Access token" text={make.data.access_token} />
        <SecretBox label="Refresh token" text={make.data.refresh_token} />
        <Actions>
          <Button onClick={onDone}>I have stored them</Button>
        </Actions>
      </FormStack>
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim()) make.mutate();
      }}
    >
      <Held pending={make.isPending} stacked>
        <TextInput
          label="Name"
          description="How you tell it from others"
          required
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <FormError error={make.error} />
        <Actions>
          <Button type="submit" loading={make.isPending} disabled={!name.trim()}>
            Create
          </Button>
        </Actions>
      </Held>
    </form>
  );
}
