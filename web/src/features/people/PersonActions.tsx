import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { beginViewingAs } from '@/api/view-as';
import type { Person } from '@/api/types';
import { Actions, Button, ConfirmButton, FormError, IconEye, Note, notify, Stack } from '@/ui';
import { resetFactors, setActive } from './queries';

/** Looking as a person, and letting them in no more. */
export function PersonActions({ person }: { person: Person }) {
  const cache = useQueryClient();
  const navigate = useNavigate();
  const active = person.deactivated_at === null;
  const change = useMutation({
    mutationFn: () => setActive(person.id, !active),
    onSuccess: async () => {
      notify(active ? 'Deactivated' : 'Reactivated', person.name);
      await cache.invalidateQueries({ queryKey: ['people'] });
    },
  });
  const reset = useMutation({
    mutationFn: () => resetFactors(person.id),
    onSuccess: () => notify('Second factor taken away', person.name),
  });
  const view = async () => {
    beginViewingAs(person.id);
    cache.clear();
    await navigate({ to: '/' });
  };
  return (
    <Stack>
      <Note>
        {active
          ? 'Viewing shows every page as they see it, in this window; it is recorded, and nothing can be changed.'
          : 'They cannot sign in. What they recorded stays.'}
      </Note>
      <Actions>
        {active ? (
          <ConfirmButton
            effect={`${person.name} is signed out everywhere and cannot sign in again. What they recorded stays.`}
            onConfirm={() => change.mutate()}
            loading={change.isPending}
          >
            Deactivate
          </ConfirmButton>
        ) : (
          <Button variant="default" onClick={() => change.mutate()} loading={change.isPending}>
            Reactivate
          </Button>
        )}
        {active && (
          <ConfirmButton
            effect={`For someone who lost theirs: ${person.name} is signed out everywhere, and signs in without it or sets up a new one.`}
            onConfirm={() => reset.mutate()}
            loading={reset.isPending}
          >
            Reset second factor
          </ConfirmButton>
        )}
        {active && (
          <Button variant="default" leftSection={<IconEye size={16} />} onClick={() => void view()}>
            View as
          </Button>
        )}
      </Actions>
      <FormError error={change.error ?? reset.error} />
    </Stack>
  );
}
