import { useMutation } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useForm } from 'react-hook-form';
import { signIn, signInByLink } from '@/api/session';
import { passkeysWork, turnedAway } from '@/lib/passkeys';
import { Button, FormError, Held, PasswordInput, TextInput } from '@/ui';
import { Directories } from './Directories';
import { DoorCard } from './DoorCard';
import { useEnter } from './entering';
import { signInByPasskey } from './passkeys';

interface Credentials {
  email: string;
  password: string;
}

/** Sign in by password, or by the one-use link that the server prints when it starts. */
export default function SignInPage() {
  const { token, next } = useSearch({ from: '/sign-in' });
  const enter = useEnter(next);
  const byPassword = useMutation({ mutationFn: signIn, onSuccess: enter });
  const byLink = useMutation({ mutationFn: signInByLink, onSuccess: enter });
  const byPasskey = useMutation({ mutationFn: signInByPasskey, onSuccess: enter });
  const passkeyError = turnedAway(byPasskey.error) ? null : byPasskey.error;
  const { register, handleSubmit, formState } = useForm<Credentials>();

  const tried = useRef(false);
  useEffect(() => {
    if (!token || tried.current) return;
    // A link works once: a second mount must not spend it again.
    tried.current = true;
    byLink.mutate(token);
  }, [token, byLink]);

  return (
    <DoorCard
      title="Sign in to Vestry"
      sub={byLink.isPending && 'Signing you in by your link…'}
      foot={<Link to="/forgot-password">Forgotten your password?</Link>}
    >
      <form noValidate onSubmit={(event) => void handleSubmit((values) => byPassword.mutate(values))(event)}>
        <Held pending={byPassword.isPending || byLink.isPending || byPasskey.isPending} stacked>
          <TextInput
            label="E-mail"
            type="email"
            autoComplete="username"
            error={formState.errors.email?.message}
            {...register('email', { required: 'Enter your e-mail address' })}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            error={formState.errors.password?.message}
            {...register('password', { required: 'Enter your password' })}
          />
          <FormError error={byPassword.error ?? byLink.error ?? passkeyError} />
          <Button type="submit" loading={byPassword.isPending} fullWidth>
            Sign in
          </Button>
          {passkeysWork() && (
            <Button
              variant="default"
              fullWidth
              loading={byPasskey.isPending}
              onClick={() => byPasskey.mutate()}
            >
              Use a passkey
            </Button>
          )}
        </Held>
      </form>
      <Directories />
    </DoorCard>
  );
}
