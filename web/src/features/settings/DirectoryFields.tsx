import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Directory, DirectoryForm } from '@/api/types';
import {
  Actions,
  Button,
  FormError,
  Held,
  Note,
  notify,
  PasswordInput,
  SecretBox,
  Switch,
  Textarea,
  TextInput,
} from '@/ui';
import { groupLines, readGroups } from './groups';
import { saveDirectory } from './queries';

const EMPTY = {
  name: '',
  issuer: '',
  client_id: '',
  client_secret: '',
  scopes: 'openid email profile',
  groups_claim: 'groups',
  groups: '',
  second_factor_done: false,
  is_listed: true,
};
type Values = typeof EMPTY;

/** What we must know of a directory, and the address it must know of us. */
export function DirectoryFields({ known, onDone }: { known: Directory | null; onDone: () => void }) {
  const cache = useQueryClient();
  const [values, setValues] = useState<Values>(known ? { ...EMPTY, ...valuesOf(known) } : EMPTY);
  const save = useMutation({
    mutationFn: () => saveDirectory(known, bodyOf(values)),
    onSuccess: async ({ name }) => {
      notify('Saved', name);
      await cache.invalidateQueries({ queryKey: ['identity-providers'] });
      onDone();
    },
  });
  const set = (change: Partial<Values>) => setValues({ ...values, ...change });
  const text = (name: 'name' | 'issuer' | 'client_id' | 'scopes' | 'groups_claim') => ({
    value: values[name],
    onChange: (event: { currentTarget: { value: string } }) => set({ [name]: event.currentTarget.value }),
  });
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Held pending={save.isPending} stacked>
        {known && (
          <>
            <Note>Register this address of ours with the directory:</Note>
            <SecretBox label="Address to register" text={known.redirect_uri} />
          </>
        )}
        <TextInput label="Name" description="As the sign-in page shows it" required {...text('name')} />
        <TextInput
          label="Issuer"
          description="Its discovery address, without /.well-known/openid-configuration"
          placeholder="https://login.example.com"
          required
          {...text('issuer')}
        />
        <TextInput label="Client id" required {...text('client_id')} />
        <PasswordInput
          label="Client secret"
          description={
            known?.has_secret ? 'Leave it empty to keep the one that is stored' : 'Where it gave one'
          }
          autoComplete="off"
          value={values.client_secret}
          onChange={(event) => set({ client_secret: event.currentTarget.value })}
        />
        <TextInput label="Scopes" {...text('scopes')} />
        <Textarea
          label="Roles by group"
          description="A line each: group = role. The first that fits gives the role at each sign-in; without any, roles are kept by hand"
          placeholder="fund-managers = manager"
          autosize
          minRows={2}
          value={values.groups}
          onChange={(event) => set({ groups: event.currentTarget.value })}
        />
        <TextInput label="Claim that holds the groups" {...text('groups_claim')} />
        <Switch
          label="It asks for a second factor itself"
          description="We ask for none after it"
          checked={values.second_factor_done}
          onChange={(event) => set({ second_factor_done: event.currentTarget.checked })}
        />
        <Switch
          label="On the sign-in page"
          checked={values.is_listed}
          onChange={(event) => set({ is_listed: event.currentTarget.checked })}
        />
        <FormError error={save.error} />
        <Actions>
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
        </Actions>
      </Held>
    </form>
  );
}

const valuesOf = ({ role_by_group, ...kept }: Directory): Partial<Values> => ({
  name: kept.name,
  issuer: kept.issuer,
  client_id: kept.client_id,
  scopes: kept.scopes,
  groups_claim: kept.groups_claim,
  groups: groupLines(role_by_group),
  second_factor_done: kept.second_factor_done,
  is_listed: kept.is_listed,
});

function bodyOf({ groups, client_secret: secret, ...plain }: Values): DirectoryForm {
  return { ...plain, client_secret: secret || undefined, role_by_group: readGroups(groups) };
}
