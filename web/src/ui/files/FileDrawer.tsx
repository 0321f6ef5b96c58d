import { type UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { usePeopleNames } from '@/api/people';
import { formatInstant } from '@/lib/format';
import { FormDrawer } from '../FormDrawer';
import { Stack } from '../layout';
import { Loaded } from '../Loaded';
import type { RecordedFile } from './RecordedFiles';

interface Props<File> {
  query: UseQueryResult<File>;
  /** What it is called: an import, an upload. */
  what: string;
  onClose: () => void;
  children: (file: File) => ReactNode;
}

/** What one recorded file brought, by its name. */
export function FileDrawer<File extends RecordedFile>({ query, what, onClose, children }: Props<File>) {
  const nameOf = usePeopleNames();
  const found = query.data;
  return (
    <FormDrawer
      opened
      onClose={onClose}
      wide
      title={found?.filename ?? `Recorded ${what}`}
      sub={found && `Recorded ${formatInstant(found.recorded_at)} ${nameOf(found.recorded_by)}`}
    >
      <Loaded query={query} what={`this ${what}`} size="m">
        {(file) => <Stack>{children(file)}</Stack>}
      </Loaded>
    </FormDrawer>
  );
}
