import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Person, RoleName } from '@/api/types';
import { ROLES } from '@/lib/access';
import { humanise } from '@/lib/format';
import { Actions, Button, FormError, Held, notify, Select, TextInput } from '@/ui';
import { changePerson } from './queries';

/** A person's name and role. One's own role is for another administrator to change. */
export function PersonForm({ person, isMe }: { person: Person; isMe: boolean }) {
  const cache = useQueryClient();
  const [name, setName] = useState(person.name);
  const [role, setRole] = useState<string>(person.role);
  const save = useMutation({
    mutationFn: () => changePerson(person, name.trim(), role as RoleName),
    onSuccess: async () => {
      notify('Saved', name);
      await cache.invalidateQueries();
    },
  });
  const changed = name.trim() !== person.name || role !== person.role;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (changed) save.mutate();
      }}
    >
      <Held pending={save.isPending} stacked>
        <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Select
          label="Role"
          data={Object.keys(ROLES).map((value) => ({ value, label: humanise(value) }))}
          value={role}
          onChange={(value) => setRole(value ?? person.role)}
          disabled={isMe}
          description={isMe ? 'Another administrator changes yours' : ROLES[role]}
        />
        <FormError error={save.error} />
        {changed && (
          <Actions>
            <Button type="submit" loading={save.isPending}>
              Save
            </Button>
          </Actions>
        )}
      </Held>
    </form>
  );
}
