import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { humanise } from '@/lib/format';
import { ErrorBlock, LoadingBlock } from '@/ui';
import { DoorCard } from './DoorCard';
import { useEnter } from './entering';
import { acceptInvitation, invitationQuery } from './letters';
import { PasswordFields } from './PasswordFields';

/** Where an invitation's link leads: to what, and one's name and password to join. */
export default function InvitationPage() {
  const { token = '' } = useSearch({ from: '/invitation' });
  const invitation = useQuery(invitationQuery(token));
  const enter = useEnter(undefined);
  const accept = useMutation({
    mutationFn: ({ name, password }: { name: string; password: string }) =>
      acceptInvitation({ token, name, password }),
    onSuccess: enter,
  });
  const shown = invitation.data;
  const back = <Link to="/sign-in">Sign in instead</Link>;
  if (!shown)
    return (
      <DoorCard title="Invitation" foot={back}>
        {invitation.isError ? (
          <ErrorBlock error={invitation.error} what="the invitation" />
        ) : (
          <LoadingBlock size="s" label="the invitation" />
        )}
      </DoorCard>
    );
  return (
    <DoorCard
      title={`Join ${shown.firm}`}
      sub={`As ${humanise(shown.role).toLowerCase()}, signing in as ${shown.email}.`}
      foot={back}
    >
      <PasswordFields
        name={shown.name}
        submit="Join"
        onSubmit={accept.mutate}
        pending={accept.isPending}
        error={accept.error}
      />
    </DoorCard>
  );
}
