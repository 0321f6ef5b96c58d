import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useForm } from 'react-hook-form';
import { signIn, signInByLink } from '@/api/session';
import { Button, Card, FormError, FormStack, Logo, Note, PasswordInput, TextInput } from '@/ui';
import classes from './SignInPage.module.css';

interface Credentials {
  email: string;
  password: string;
}

/** Sign in by password, or by the one-use link that the server prints when it starts. */
export default function SignInPage() {
  const { token, next } = useSearch({ from: '/sign-in' });
  const navigate = useNavigate();
  const cache = useQueryClient();
  const enter = async () => {
    cache.clear();
    // Only addresses of our own: a link must not send anyone elsewhere after signing in.
    await navigate({
      href: next?.startsWith('/') && !next.startsWith('//') ? next : '/funds',
      replace: true,
    });
  };
  const byPassword = useMutation({ mutationFn: signIn, onSuccess: enter });
  const byLink = useMutation({ mutationFn: signInByLink, onSuccess: enter });
  const { register, handleSubmit, formState } = useForm<Credentials>();

  const tried = useRef(false);
  useEffect(() => {
    document.title = 'Sign in · Vestry';
    if (!token || tried.current) return;
    // A link works once: a second mount must not spend it again.
    tried.current = true;
    byLink.mutate(token);
  }, [token, byLink]);

  return (
    <main className={classes.page}>
      <Card className={classes.card}>
        <div className={classes.head}>
          <Logo size={36} />
          <h1>Sign in to Vestry</h1>
          {byLink.isPending && <Note>Signing you in by your link…</Note>}
        </div>
        <form
          noValidate
          onSubmit={(event) => void handleSubmit((values) => byPassword.mutate(values))(event)}
        >
          <FormStack>
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
            <FormError error={byPassword.error ?? byLink.error} />
            <Button type="submit" loading={byPassword.isPending} fullWidth>
              Sign in
            </Button>
          </FormStack>
        </form>
      </Card>
    </main>
  );
}
