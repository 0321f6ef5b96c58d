import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { notify } from '@/ui';
import { DoorCard } from './DoorCard';
import { setNewPassword } from './letters';
import { PasswordFields } from './PasswordFields';

/** Where a mailed link leads: a new password, after which one signs in with it. */
export default function NewPasswordPage() {
  const { token = '' } = useSearch({ from: '/new-password' });
  const navigate = useNavigate();
  const save = useMutation({
    mutationFn: (password: string) => setNewPassword({ token, password }),
    onSuccess: async () => {
      notify('Password set', 'Sign in with it');
      await navigate({ to: '/sign-in', replace: true });
    },
  });
  return (
    <DoorCard
      title="Set a new password"
      sub="You are signed out everywhere by it."
      foot={<Link to="/forgot-password">Ask for another link</Link>}
    >
      <PasswordFields
        submit="Set password"
        onSubmit={({ password }) => save.mutate(password)}
        pending={save.isPending}
        error={save.error}
      />
    </DoorCard>
  );
}
