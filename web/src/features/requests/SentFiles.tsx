import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useMay } from '@/api/abilities';
import { formatBytes, formatInstant } from '@/lib/format';
import { ConfirmButton, FormError, RowList, Section, Struck, TextInput } from '@/ui';
import { type DataRequest, fileHref, removeSentFile, requestQuery } from './queries';

type SentFile = DataRequest['attachments'][number];

/** The files that came with a request's figures, to be downloaded; those that were removed struck through. */
export function SentFiles({ files }: { files: SentFile[] }) {
  const mayRemove = useMay('request_attachment.remove');
  const cache = useQueryClient();
  const remove = useMutation({
    mutationFn: ({ id, reason }: { id: number; reason: string }) => removeSentFile(id, reason),
    onSettled: () => cache.invalidateQueries({ queryKey: ['requests'] }),
  });
  if (files.length === 0) return null;
  return (
    <Section title="Files that came with it">
      <FormError error={remove.error} />
      <RowList
        label="Files"
        rows={files.map((one) => ({
          key: String(one.id),
          text: one.removed_at ? (
            <Struck by={one.removal_reason} word="Removed">
              {one.name}
            </Struck>
          ) : (
            <a href={fileHref(one.id)} download={one.name}>
              {one.name}
            </a>
          ),
          note: noteOf(one),
          right: mayRemove && one.removed_at === null && (
            <Remove name={one.name} onRemove={(reason) => remove.mutate({ id: one.id, reason })} />
          ),
        }))}
      />
    </Section>
  );
}

function noteOf(file: SentFile): string {
  const from = `${formatBytes(file.byte_count)}${file.attached_by ? `, from ${file.attached_by}` : ''}`;
  if (file.removed_at === null) return from;
  return `${from}. Removed by ${file.removed_by} on ${formatInstant(file.removed_at)}: ${file.removal_reason}`;
}

/** Asks for the reason, which the company reads too, before the bytes are gone. */
function Remove({ name, onRemove }: { name: string; onRemove: (reason: string) => void }) {
  const [reason, setReason] = useState('');
  return (
    <ConfirmButton
      size="xs"
      label={`Remove ${name}`}
      ready={reason.trim() !== ''}
      effect={
        <>
          Its content is erased for good. Name, size and who removed it stay, and the company sees the reason.
          <TextInput
            label="Reason"
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        </>
      }
      onConfirm={() => onRemove(reason.trim())}
    >
      Remove
    </ConfirmButton>
  );
}

/** The same beside one of its values. */
export function FilesOfRequest({ id }: { id: number }) {
  const query = useQuery(requestQuery(id));
  return query.data ? <SentFiles files={query.data.attachments} /> : null;
}
