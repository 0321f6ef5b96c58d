import { useForm } from 'react-hook-form';
import { ApiError } from '@/api/client';
import { Button, FormError, Held, PasswordInput, TextInput } from '@/ui';

export interface NewAccount {
  name: string;
  password: string;
  again: string;
}

interface Props {
  /** How one is called; not asked where it is absent. */
  name?: string;
  submit: string;
  onSubmit: (values: NewAccount) => void;
  pending: boolean;
  error: unknown;
}

/** A new password twice, and a name where one is asked for. What a password must be, the server says. */
export function PasswordFields({ name, submit, onSubmit, pending, error }: Props) {
  const { register, handleSubmit, formState, getValues } = useForm<NewAccount>({ defaultValues: { name } });
  const refused = (path: string) =>
    error instanceof ApiError ? error.fields.find((field) => field.path === path)?.message : undefined;
  const { errors } = formState;
  return (
    <form noValidate onSubmit={(event) => void handleSubmit(onSubmit)(event)}>
      <Held pending={pending} stacked>
        {name !== undefined && (
          <TextInput
            label="Your name"
            autoComplete="name"
            error={errors.name?.message ?? refused('name')}
            {...register('name', { required: 'Enter your name' })}
          />
        )}
        <PasswordInput
          label="New password"
          autoComplete="new-password"
          error={errors.password?.message ?? refused('password')}
          {...register('password', { required: 'Enter a password' })}
        />
        <PasswordInput
          label="New password again"
          autoComplete="new-password"
          error={errors.again?.message}
          {...register('again', {
            validate: (value) => value === getValues('password') || 'The two are not the same',
          })}
        />
        <FormError error={error} />
        <Button type="submit" loading={pending} fullWidth>
          {submit}
        </Button>
      </Held>
    </form>
  );
}
