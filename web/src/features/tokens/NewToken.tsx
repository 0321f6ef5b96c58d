import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { RoleName } from '@/api/types';
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
  Select,
  TextInput,
} from '@/ui';
import { createToken } from './queries';

const EXPIRIES = [
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: '365', label: 'In a year' },
  { value: '', label: 'Never' },
];

/** Makes a token, and shows its secret this once. */
export function NewToken({ onClose }: { onClose: () => void }) {
  const cache = useQueryClient();
  const make = useMutation({
    mutationFn: createToken,
    onSuccess: () => cache.invalidateQueries({ queryKey: ['tokens'] }),
  });
  return (
    <FormDrawer opened onClose={onClose} title={make.data ? 'Store the secret now' : 'Create a token'}>
      {make.data ? (
        <FormStack>
          <Note>
            It is shown this once. Send it as “Authorization: Bearer” with each request; whoever has it may do
            what the token may.
          </Note>
          <SecretBox label="Secret of the token" text={make.data.secret} />
          <Actions>
            <Button onClick={onClose}>I have stored it</Button>
          </Actions>
        </FormStack>
      ) : (
        <TokenForm onSubmit={make.mutate} onCancel={onClose} pending={make.isPending} error={make.error} />
      )}
    </FormDrawer>
  );
}

interface FormProps {
  onSubmit: (token: Parameters<typeof createToken>[0]) => void;
  onCancel: () => void;
  pending: boolean;
  error: unknown;
}

function TokenForm({ onSubmit, onCancel, pending, error }: FormProps) {
  const [name, setName] = useState('');
  const [role, setRole] = useState('analyst');
  const [days, setDays] = useState('90');
  const [grants, setGrants] = useState<ChosenGrant[]>([]);
  const [missing, setMissing] = useState(false);
  const submit = () => {
    setMissing(name.trim() === '');
    if (name.trim() === '') return;
    onSubmit({
      name: name.trim(),
      role: role as RoleName,
      days: days === '' ? null : Number(days),
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
          label="Name"
          description="Which program it is for"
          withAsterisk
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={missing && 'Name is needed'}
        />
        <Select label="Expires" data={EXPIRIES} value={days} onChange={(value) => setDays(value ?? '')} />
        <RoleAndGrants role={role} onRole={setRole} grants={grants} onGrants={setGrants} />
        <FormError error={error} />
        <Actions>
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" loading={pending}>
            Create
          </Button>
        </Actions>
      </Held>
    </form>
  );
}
