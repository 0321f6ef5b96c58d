import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useMay } from '@/api/abilities';
import { useScopeNames } from '@/api/scopes';
import type { Person } from '@/api/types';
import { seesWords } from '@/lib/access';
import { humanise } from '@/lib/format';
import {
  Button,
  type Column,
  DataTable,
  IconPlus,
  Loaded,
  May,
  PageHead,
  Stack,
  StatusPill,
  TextButton,
  useSetSearch,
} from '@/ui';
import { Invitations } from './Invitations';
import { Invite } from './Invite';
import { PersonDrawer } from './PersonDrawer';
import { peopleQuery } from './queries';

/** Who works here or takes part, in which role, and what each of them sees. */
export default function PeoplePage() {
  const { person: open } = useSearch({ from: '/frame/people' });
  const setSearch = useSetSearch();
  const people = useQuery(peopleQuery);
  const mayInvite = useMay('invitation.change');
  const [inviting, setInviting] = useState(false);
  return (
    <>
      <PageHead
        title="People"
        sub="Who signs in here, in which role, and what they see"
        right={
          mayInvite && (
            <Button leftSection={<IconPlus size={16} />} onClick={() => setInviting(true)}>
              Invite somebody
            </Button>
          )
        }
      />
      <Loaded query={people} what="the people" size="l">
        {(found) => (
          <Stack>
            <PeopleTable people={found} onOpen={(id) => setSearch({ person: id })} />
            <PersonDrawer
              person={found.find(({ id }) => id === open)}
              onClose={() => setSearch({ person: undefined })}
            />
            <May operation="invitation.read">
              <Invitations />
            </May>
          </Stack>
        )}
      </Loaded>
      {inviting && <Invite onClose={() => setInviting(false)} />}
    </>
  );
}

function PeopleTable({ people, onOpen }: { people: Person[]; onOpen: (id: number) => void }) {
  const nameOf = useScopeNames(people.flatMap(({ grants }) => grants));
  const columns = useMemo<Column<Person>[]>(
    () => [
      {
        id: 'name',
        accessorKey: 'name',
        size: 220,
        meta: { label: 'Name', narrow: true },
        cell: ({ row: { original: person } }) => (
          <TextButton onClick={() => onOpen(person.id)}>{person.name}</TextButton>
        ),
      },
      { id: 'email', accessorKey: 'email', size: 260, meta: { label: 'E-mail' } },
      {
        id: 'role',
        accessorFn: (person) => humanise(person.role),
        size: 140,
        filterFn: 'arrIncludesSome',
        meta: { label: 'Role', facet: true, narrow: true },
      },
      {
        id: 'sees',
        accessorFn: (person) => seesWords(person.role, person.grants, nameOf),
        size: 320,
        meta: { label: 'Sees' },
        // The names come after the rows, whose values the table keeps.
        cell: ({ row: { original: person } }) => seesWords(person.role, person.grants, nameOf),
      },
      {
        id: 'state',
        accessorFn: (person) => (person.deactivated_at ? 'Deactivated' : 'Active'),
        size: 130,
        filterFn: 'arrIncludesSome',
        meta: { label: 'State', facet: true },
        cell: ({ row: { original: person } }) =>
          person.deactivated_at ? <StatusPill tone="warn">Deactivated</StatusPill> : 'Active',
      },
    ],
    [nameOf, onOpen],
  );
  return (
    <DataTable
      data={people}
      columns={columns}
      label="People"
      fileName="people"
      rowId={(person) => String(person.id)}
    />
  );
}
