import { Button } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useMay } from '@/api/abilities';
import { EntryForm } from '../form/EntryForm';
import { Actions, FormStack, Note } from '../layout';
import { notify } from '../notify';
import type { RecordedFile } from './RecordedFiles';

interface Props {
  file: RecordedFile;
  /** What it is called: an import, an upload. */
  what: string;
  operation: string;
  /** What happens if it is taken back, and what did once it was. */
  effect: string;
  undone: string;
  undo: (reason: string) => Promise<void>;
  /** What is no longer so then. */
  stale: readonly QueryKey[];
}

/** Takes a recorded file back as a whole, with a reason. */
export function WayBack({ file, what, operation, effect, undone, undo, stale }: Props) {
  const cache = useQueryClient();
  const may = useMay(operation);
  const [asking, setAsking] = useState(false);
  const back = useMutation({
    mutationFn: undo,
    onSuccess: async () => {
      notify('Undone', file.filename);
      // Until the file is read again it says that it can be undone.
      await Promise.all(stale.map((queryKey) => cache.invalidateQueries({ queryKey })));
      setAsking(false);
    },
  });
  if (file.undone_by !== null) return <Note>{undone}</Note>;
  if (!may) return null;
  if (!asking)
    return (
      <Actions>
        <Button variant="default" leftSection={<IconArrowBackUp size={16} />} onClick={() => setAsking(true)}>
          {`Undo this ${what}`}
        </Button>
      </Actions>
    );
  return (
    <FormStack>
      <Note>{effect}</Note>
      <EntryForm
        fields={[
          {
            name: 'reason',
            label: 'Reason',
            kind: 'prose',
            required: true,
            description: `Kept with the ${what}`,
          },
        ]}
        currency=""
        submitLabel="Undo"
        onSubmit={(values) => back.mutate(values.reason ?? '')}
        onCancel={() => setAsking(false)}
        pending={back.isPending}
        error={back.error}
      />
    </FormStack>
  );
}
