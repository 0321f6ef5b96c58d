import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMay } from '@/api/abilities';
import { formatDate, humanise } from '@/lib/format';
import { Card, CardBody, CardHead, ConfirmButton, FormError, Loaded, notify, RowList } from '@/ui';
import { invitationsQuery, takeInvitationBack } from './queries';

/** Who was asked to join and has not yet. */
export function Invitations() {
  const cache = useQueryClient();
  const invitations = useQuery(invitationsQuery);
  const mayChange = useMay('invitation.change');
  const back = useMutation({
    mutationFn: takeInvitationBack,
    onSuccess: async () => {
      notify('Invitation taken back');
      await cache.invalidateQueries({ queryKey: ['invitations'] });
    },
  });
  return (
    <Loaded query={invitations} what="the invitations" size="s">
      {(found) =>
        found.length > 0 && (
          <Card>
            <CardHead title="Invited" sub="Not accepted yet" />
            <CardBody>
              <RowList
                label="Invitations"
                rows={found.map((one) => ({
                  key: String(one.id),
                  text: `${one.name}, ${one.email}`,
                  note: `${humanise(one.role)} · invited ${formatDate(one.created_at)} · good until ${formatDate(one.expires_at)}`,
                  right: mayChange && (
                    <ConfirmButton
                      size="xs"
                      effect={`The link that was mailed to ${one.email} opens nothing any more.`}
                      onConfirm={() => back.mutate(one.id)}
                    >
                      Take back
                    </ConfirmButton>
                  ),
                }))}
              />
              <FormError error={back.error} />
            </CardBody>
          </Card>
        )
      }
    </Loaded>
  );
}
