import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError } from '@/api/client';
import type { RoleName } from '@/api/types';
import { formatDate } from '@/lib/format';
import {
  Actions,
  Button,
  type ChosenGrant,
  FormDrawer,
  FormError,
  FormStack,
  Held,
  Note,
  RoleAndGrants,
  SecretBox,
  TextInput,
} from '@/ui';
import { invite } from './queries';

/** Asks somebody to join, in a role, to see what is granted. */
export function Invite({ onClose }: { onClose: () => void }) {
  const cache = useQueryClient();
  const send = useMutation({
    mutationFn: invite,
    onSuccess: () => cache.invalidateQueries({ queryKey: ['invitations'] }),
  });
  return (
    <FormDrawer opened onClose={onClose} title={send.data ? 'Invited' : 'Invite somebody'}>
      {send.data ? (
        <FormStack>
          <Note>
            The link was mailed to {send.data.email}. It works once, until {formatDate(send.data.expires_at)};
            here it is shown this once, in case the mail gets lost.
          </Note>
          <SecretBox label="Link of the invitation" text={send.data.link} />
          <Actions>
            <Button onClick={onClose}>Done</Button>
          </Actions>
        </FormStack>
      ) : (
        <Form onSubmit={send.mutate} onCancel={onClose} pending={send.isPending} error={send.error} />
      )}
    </FormDrawer>
  );
}

interface FormProps {
  onSubmit: (invitation: Parameters<typeof invite>[0]) => void;
  onCancel: () => void;
  pending: boolean;
  error: unknown;
}

function Form({ onSubmit, onCancel, pending, error }: FormProps) {
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [role, setRole] = useState('analyst');
  const [grants, setGrants] = useState<ChosenGrant[]>([]);
  const [tried, setTried] = useState(false);
  const refused = (path: string) =>
    error instanceof ApiError ? error.fields.find((field) => field.path === path)?.message : undefined;
  const submit = () => {
    setTried(true);
    if (email.trim() === '' || name.trim() === '') return;
    onSubmit({
      email: email.trim(),
      name: name.trim(),
      role: role as RoleName,
      grants: grants.map(({ scope_kind, scope_id }) => ({ scope_kind, scope_id })),
    });
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Held pending={pending} stacked>
        <TextInput
          label="E-mail"
          type="email"
          withAsterisk
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          error={refused('email') ?? (tried && email.trim() === '' && 'E-mail is needed')}
        />
        <TextInput
          label="Name"
          withAsterisk
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={refused('name') ?? (tried && name.trim() === '' && 'Name is needed')}
        />
        <RoleAndGrants role={role} onRole={setRole} grants={grants} onGrants={setGrants} />
        <FormError error={error} />
        <Actions>
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" loading={pending}>
            Invite
          </Button>
        </Actions>
      </Held>
    </form>
  );
}
