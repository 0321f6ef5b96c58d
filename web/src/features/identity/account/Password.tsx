import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useForm } from 'react-hook-form';
import { ApiError } from '@/api/client';
import { Actions, Button, Card, CardBody, CardHead, FormError, Held, notify, PasswordInput } from '@/ui';
import { changePassword } from './queries';

interface Form {
  current: string;
  next: string;
  again: string;
}

/** The server says what a password must be; here only a slip of the finger is caught. */
export function Password() {
  const cache = useQueryClient();
  const { register, handleSubmit, formState, reset, getValues } = useForm<Form>();
  const save = useMutation({
    mutationFn: ({ current, next }: Form) => changePassword({ current: current || undefined, new: next }),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: ['account'] });
      notify('Password changed', 'You are signed out everywhere else');
      reset();
    },
  });
  const fields = save.error instanceof ApiError ? save.error.fields : [];
  const refused = (path: string) => fields.find((field) => field.path === path)?.message;
  const { errors } = formState;
  return (
    <Card>
      <CardHead title="Password" sub="Changing it signs you out everywhere else" />
      <CardBody>
        <form noValidate onSubmit={(event) => void handleSubmit((form) => save.mutate(form))(event)}>
          <Held pending={save.isPending} stacked>
            <PasswordInput
              label="Current password"
              description="Empty if you have none yet"
              autoComplete="current-password"
              error={refused('current')}
              {...register('current')}
            />
            <PasswordInput
              label="New password"
              autoComplete="new-password"
              error={errors.next?.message ?? refused('new')}
              {...register('next', { required: 'Enter a new password' })}
            />
            <PasswordInput
              label="New password again"
              autoComplete="new-password"
              error={errors.again?.message}
              {...register('again', {
                validate: (value) => value === getValues('next') || 'The two are not the same',
              })}
            />
            <FormError error={save.error} />
            <Actions>
              <Button type="submit" loading={save.isPending}>
                Change password
              </Button>
            </Actions>
          </Held>
        </form>
      </CardBody>
    </Card>
  );
}
