import { type ReactNode, useState } from 'react';
import { Actions, Button, FormError, Held, Note, PasswordInput, TextInput } from '@/ui';

interface Props {
  submit: string;
  onSubmit: (password: string, name: string) => void;
  pending: boolean;
  error: unknown;
  note?: ReactNode;
  /** What the thing is to be called, where that is asked as well. */
  nameLabel?: string;
  initialName?: string;
}

/** Asks for the password once more before something that guards the account is changed. */
export function PasswordAgain({
  submit,
  onSubmit,
  pending,
  error,
  note,
  nameLabel,
  initialName = '',
}: Props) {
  const [password, setPassword] = useState('');
  const [name, setName] = useState(initialName);
  const nameless = nameLabel !== undefined && name.trim() === '';
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!nameless) onSubmit(password, name.trim());
      }}
    >
      <Held pending={pending} stacked>
        {note && <Note>{note}</Note>}
        {nameLabel && (
          <TextInput
            label={nameLabel}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={nameless && `${nameLabel} is needed`}
          />
        )}
        <PasswordInput
          label="Your password"
          description="Leave it empty if you have none and have just signed in by a link"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          data-autofocus
        />
        <FormError error={error} />
        <Actions>
          <Button type="submit" loading={pending}>
            {submit}
          </Button>
        </Actions>
      </Held>
    </form>
  );
}
