import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useForm } from 'react-hook-form';
import { Button, FormError, Held, TextInput } from '@/ui';
import { DoorCard } from './DoorCard';
import { askForReset } from './letters';

/** Asks for a link to a new password; says the same whether the address is known here or not. */
export default function ForgotPasswordPage() {
  const ask = useMutation({ mutationFn: askForReset });
  const { register, handleSubmit, formState } = useForm<{ email: string }>();
  const back = <Link to="/sign-in">Back to signing in</Link>;
  if (ask.isSuccess)
    return (
      <DoorCard
        title="Look into your mail"
        sub="If that address signs in here, a link to a new password is on its way to it. It works once."
        foot={back}
      >
        {null}
      </DoorCard>
    );
  return (
    <DoorCard title="Forgotten your password?" sub="We mail you a link to a new one." foot={back}>
      <form noValidate onSubmit={(event) => void handleSubmit(({ email }) => ask.mutate(email))(event)}>
        <Held pending={ask.isPending} stacked>
          <TextInput
            label="E-mail"
            type="email"
            autoComplete="username"
            error={formState.errors.email?.message}
            {...register('email', { required: 'Enter your e-mail address' })}
          />
          <FormError error={ask.error} />
          <Button type="submit" loading={ask.isPending} fullWidth>
            Mail me a link
          </Button>
        </Held>
      </form>
    </DoorCard>
  );
}
