import { useQuery } from '@tanstack/react-query';
import { useMay } from '@/api/abilities';
import { meQuery } from '@/api/session';
import type { Person } from '@/api/types';
import { formatInstant, humanise } from '@/lib/format';
import { DetailList, FormDrawer, Section, Stack } from '@/ui';
import { Grants } from './Grants';
import { PersonActions } from './PersonActions';
import { PersonalData } from './PersonalData';
import { PersonForm } from './PersonForm';
import { WhyCan } from './WhyCan';

interface Props {
  person: Person | undefined;
  onClose: () => void;
}

/** One person: role, what they see and why, and what an administrator may do about it. */
export function PersonDrawer({ person, onClose }: Props) {
  return (
    <FormDrawer
      opened={person !== undefined}
      onClose={onClose}
      title={person?.name ?? ''}
      sub={person?.email}
      wide
    >
      {person && <About key={`${person.id}-${person.version}`} person={person} />}
    </FormDrawer>
  );
}

function About({ person }: { person: Person }) {
  const mayChange = useMay('user.change');
  const mayReadGrants = useMay('grant.read');
  const mayGiveOut = useMay('personal_data.change');
  const me = useQuery(meQuery);
  const isMe = me.data?.user?.id === person.id;
  return (
    <Stack>
      {mayChange ? (
        <PersonForm person={person} isMe={isMe} />
      ) : (
        <DetailList
          items={[
            { label: 'Role', value: humanise(person.role) },
            ...(person.deactivated_at
              ? [{ label: 'Deactivated', value: formatInstant(person.deactivated_at) }]
              : []),
          ]}
        />
      )}
      <Section title="Sees">
        <Grants person={person} />
      </Section>
      {mayReadGrants && (
        <Section title={`Why can ${person.name} see something`}>
          <WhyCan person={person} />
        </Section>
      )}
      {mayChange && !isMe && (
        <Section title="Access">
          <PersonActions person={person} />
        </Section>
      )}
      {mayGiveOut && (
        <Section title="Personal data">
          <PersonalData person={person} isMe={isMe} />
        </Section>
      )}
    </Stack>
  );
}
