import { useQuery } from '@tanstack/react-query';
import { meQuery } from '@/api/session';
import type { ApprovalDetail } from '@/api/types';
import {
  AsideOrDrawer,
  type Detail,
  DetailList,
  Loaded,
  Money,
  Section,
  Stack,
  type VersionItem,
  VersionList,
} from '@/ui';
import { Decide } from './Decide';
import { EffectList } from './EffectList';
import { approvalQuery } from './queries';
import { askedFor, isMine, STATES } from './words';

/** One request: what it would change, what became of it, and the decision. */
export function RequestCard({ id, onClose }: { id: number; onClose: () => void }) {
  const request = useQuery(approvalQuery(id));
  const found = request.data;
  return (
    <AsideOrDrawer
      title={found ? askedFor(found) : `Request ${id}`}
      sub={found && `Request ${id}, asked for by ${found.maker_name}`}
      onClose={onClose}
    >
      <Loaded query={request} what="the request" size="m">
        {(one) => <About request={one} />}
      </Loaded>
    </AsideOrDrawer>
  );
}

function About({ request }: { request: ApprovalDetail }) {
  const me = useQuery(meQuery).data?.user?.id;
  const amount: Detail[] =
    request.amount === null
      ? []
      : [
          {
            label: request.kind === 'mark' ? 'Fair value' : 'Amount',
            value: <Money value={request.amount} currency={request.currency ?? undefined} />,
          },
        ];
  return (
    <Stack>
      <DetailList items={[{ label: 'State', value: STATES[request.state] }, ...amount]} />
      <Section title={request.state === 'pending' ? 'What would change' : 'What was asked for'}>
        <EffectList request={request} />
      </Section>
      <Section title="What happened">
        <VersionList label="History of the request" items={history(request)} />
      </Section>
      {request.state === 'pending' && (
        <Decide key={request.id} request={request} mine={isMine(request, me)} />
      )}
    </Stack>
  );
}

/** Asked for and decided, the newest first. */
function history(request: ApprovalDetail): VersionItem[] {
  const asked = { key: 'asked', at: request.created_at, title: 'Asked for', by: `by ${request.maker_name}` };
  const { decided_at: at, reason } = request;
  const title = reason ? `${STATES[request.state]}: ${reason}` : STATES[request.state];
  const decided = at ? [{ key: 'decided', at, title, by: `by ${request.checker_name ?? 'nobody'}` }] : [];
  return [...decided, asked].map((item) => ({ ...item, changes: [] }));
}
