import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMay } from '@/api/abilities';
import { useScopeNames } from '@/api/scopes';
import type { Person } from '@/api/types';
import { grantWords } from '@/lib/access';
import { ConfirmButton, FormError, GrantFields, Note, notify, RowList, Stack } from '@/ui';
import { giveGrant, revokeGrant } from './queries';

/** What a person sees, each grant in words; given and taken back from the next request on. */
export function Grants({ person }: { person: Person }) {
  const cache = useQueryClient();
  const nameOf = useScopeNames(person.grants);
  const mayChange = useMay('grant.change');
  const done = (title: string) => ({
    onSuccess: async () => {
      notify(title, person.name);
      await cache.invalidateQueries({ queryKey: ['people'] });
    },
  });
  const give = useMutation({
    mutationFn: (scope: Parameters<typeof giveGrant>[1]) => giveGrant(person.id, scope),
    ...done('Granted'),
  });
  const revoke = useMutation({ mutationFn: revokeGrant, ...done('Taken back') });
  if (person.role === 'administrator') return <Note>The whole firm, as every administrator.</Note>;
  return (
    <Stack>
      {person.grants.length === 0 && <Note>Nothing yet: without a grant no record is shown.</Note>}
      <RowList
        label="Grants"
        rows={person.grants.map((grant) => ({
          key: String(grant.id),
          text: grantWords(person.role, grant.scope_kind, nameOf(grant)),
          right: mayChange && (
            <ConfirmButton
              size="xs"
              effect={`${person.name} no longer sees it, from the next request on. The grant stays on record.`}
              onConfirm={() => revoke.mutate(grant.id)}
            >
              Take back
            </ConfirmButton>
          ),
        }))}
      />
      {mayChange && !person.deactivated_at && (
        <GrantFields
          role={person.role}
          pending={give.isPending}
          onAdd={({ scope_kind, scope_id }) => give.mutate({ scope_kind, scope_id })}
        />
      )}
      <FormError error={give.error ?? revoke.error} />
    </Stack>
  );
}
