import { type ReactNode, useState } from 'react';
import { Actions, Button, FormError, Held, TextInput } from '@/ui';

interface Props {
  label: string;
  description?: string;
  submit: string;
  onSubmit: (code: string) => void;
  pending: boolean;
  error: unknown;
  /** Six digits of an application; otherwise a recovery code. */
  digits?: boolean;
  left?: ReactNode;
}

/** Asks for one code; spaces in it are of no matter. */
export function CodeForm({
  label,
  description,
  submit,
  onSubmit,
  pending,
  error,
  digits = true,
  left,
}: Props) {
  const [text, setText] = useState('');
  const [bad, setBad] = useState(false);
  const code = text.replaceAll(/\s/g, '');
  const good = digits ? /^\d{6}$/.test(code) : code.length >= 16;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setBad(!good);
        if (good) onSubmit(code);
      }}
    >
      <Held pending={pending} stacked>
        <TextInput
          label={label}
          description={description}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          autoComplete={digits ? 'one-time-code' : 'off'}
          inputMode={digits ? 'numeric' : 'text'}
          error={bad && !good && (digits ? 'Enter the six digits' : 'Enter the whole recovery code')}
          data-autofocus
        />
        <FormError error={error} />
        <Actions>
          {left}
          <Button type="submit" loading={pending}>
            {submit}
          </Button>
        </Actions>
      </Held>
    </form>
  );
}
