import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMay } from '@/api/abilities';
import type { Session } from '@/api/types';
import { describeDevice } from '@/lib/devices';
import { formatInstant } from '@/lib/format';
import {
  Button,
  Card,
  CardBody,
  CardHead,
  ConfirmButton,
  FormError,
  Loaded,
  Note,
  notify,
  RowList,
} from '@/ui';
import { endOtherSessions, endSession, sessionsQuery } from './queries';

/** Where one is signed in, each of which ends on one's word. */
export function Sessions() {
  const cache = useQueryClient();
  const sessions = useQuery(sessionsQuery);
  const mayChange = useMay('account.change');
  const after = {
    onSuccess: async () => {
      notify('Signed out there');
      await cache.invalidateQueries({ queryKey: ['account', 'sessions'] });
    },
  };
  const one = useMutation({ mutationFn: endSession, ...after });
  const others = useMutation({ mutationFn: endOtherSessions, ...after });
  const several = (sessions.data?.length ?? 0) > 1;
  return (
    <Card>
      <CardHead
        title="Where you are signed in"
        sub="Latest used first"
        right={
          mayChange &&
          several && (
            <ConfirmButton
              size="xs"
              effect="Every session but this one ends, from its next request on."
              onConfirm={() => others.mutate()}
              loading={others.isPending}
            >
              Sign out everywhere else
            </ConfirmButton>
          )
        }
      />
      <CardBody>
        <Loaded query={sessions} what="your sessions" size="s">
          {(found) =>
            found.length === 0 ? (
              <Note>No sessions: you came with an API token.</Note>
            ) : (
              <RowList
                label="Sessions"
                rows={found.map((session) => ({
                  key: String(session.id),
                  text: title(session),
                  note: `${session.address ? `${session.address} · ` : ''}signed in ${formatInstant(session.created_at)} by ${proofWords(session.proof)} · last used ${formatInstant(session.seen_at)}`,
                  right: mayChange && !session.is_this && (
                    <Button size="xs" variant="default" onClick={() => one.mutate(session.id)}>
                      Sign out
                    </Button>
                  ),
                }))}
              />
            )
          }
        </Loaded>
        <FormError error={one.error ?? others.error} />
      </CardBody>
    </Card>
  );
}

const title = ({ device, is_this: here }: Session): string =>
  `${describeDevice(device)}${here ? ', this one' : ''}`;

/** "password+recovery_code" in words. */
function proofWords(proof: string): string {
  return proof
    .split('+')
    .map((one) => PROOFS[one] ?? one)
    .join(' and ');
}

const PROOFS: Record<string, string> = { totp: 'code', recovery_code: 'recovery code' };
