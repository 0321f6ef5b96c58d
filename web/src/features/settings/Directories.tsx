import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useMay } from '@/api/abilities';
import type { Directory } from '@/api/types';
import {
  Actions,
  Button,
  Card,
  CardBody,
  CardHead,
  ConfirmButton,
  FormDrawer,
  FormError,
  FormStack,
  Loaded,
  Note,
  notify,
  RowList,
} from '@/ui';
import { DirectoryFields } from './DirectoryFields';
import { archiveDirectory, directoriesQuery, tryDirectory } from './queries';

/** The directories by which people sign in, such as Entra ID, Google or Keycloak. */
export function Directories() {
  const directories = useQuery(directoriesQuery);
  const mayChange = useMay('identity_provider.change');
  const [open, setOpen] = useState<Directory | 'new' | null>(null);
  const close = () => setOpen(null);
  return (
    <Card>
      <CardHead
        title="Directories"
        sub="Signing in by OpenID Connect: Entra ID, Google, Keycloak and others"
      />
      <CardBody>
        <Loaded query={directories} what="the directories" size="s">
          {(found) => (
            <>
              {found.length === 0 && <Note>None yet: people sign in by password, passkey or link.</Note>}
              <RowList
                label="Directories"
                rows={found.map((one) => ({
                  key: String(one.id),
                  text: one.name,
                  note: [one.issuer, one.is_listed ? null : 'not on the sign-in page']
                    .filter(Boolean)
                    .join(' · '),
                  right: mayChange && <Doing directory={one} onEdit={() => setOpen(one)} />,
                }))}
              />
            </>
          )}
        </Loaded>
        {mayChange && (
          <Actions>
            <Button variant="default" onClick={() => setOpen('new')}>
              Add a directory
            </Button>
          </Actions>
        )}
      </CardBody>
      <FormDrawer
        opened={open !== null}
        onClose={close}
        title={open === 'new' ? 'Add a directory' : (open?.name ?? '')}
        wide
      >
        {open !== null && <DirectoryFields known={open === 'new' ? null : open} onDone={close} />}
      </FormDrawer>
    </Card>
  );
}

function Doing({ directory, onEdit }: { directory: Directory; onEdit: () => void }) {
  const cache = useQueryClient();
  const attempt = useMutation({
    mutationFn: () => tryDirectory(directory.id),
    onSuccess: (host) => notify(`${directory.name} answered`, `People are sent to ${host}`),
  });
  const archive = useMutation({
    mutationFn: () => archiveDirectory(directory.id),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['identity-providers'] }),
  });
  return (
    <FormStack>
      <Actions>
        <Button size="xs" variant="default" onClick={() => attempt.mutate()} loading={attempt.isPending}>
          Test
        </Button>
        <Button size="xs" variant="default" onClick={onEdit}>
          Edit
        </Button>
        <ConfirmButton
          size="xs"
          effect={`Nobody signs in by ${directory.name} any more. Sessions it opened go on until they end.`}
          onConfirm={() => archive.mutate()}
        >
          Remove
        </ConfirmButton>
      </Actions>
      <FormError error={attempt.error ?? archive.error} />
    </FormStack>
  );
}
