import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError } from '@/api/client';
import { formatBytes } from '@/lib/format';
import { Card, FileButton, FormError, IconTrash, Progress, RowAction, RowList, Struck } from '@/ui';
import { attachFile, type Attached, formQuery, removeFile } from './queries';
import classes from './FormPage.module.css';

const BYTES_MAX = 10 * 1024 * 1024;
const ACCEPT = '.pdf,.xlsx,.csv,application/pdf,image/png,image/jpeg,image/gif,image/webp';

/** Files that go with the figures: chosen, watched on their way, removed again until the form is sent. */
export function Attachments({ token, files }: { token: string; files: Attached[] }) {
  const cache = useQueryClient();
  const [onItsWay, setOnItsWay] = useState<{ name: string; share: number } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const keep = (attachments: Attached[]) =>
    cache.setQueryData(formQuery(token).queryKey, (form) => form && { ...form, attachments });
  const add = async (chosen: File[]) => {
    setError(null);
    try {
      for (const file of chosen) {
        if (file.size > BYTES_MAX)
          throw new ApiError(413, {
            detail: `${file.name} has ${formatBytes(file.size)}; a file may have 10 MB.`,
          });
        setOnItsWay({ name: file.name, share: 0 });
        keep(await attachFile(token, file, (share) => setOnItsWay({ name: file.name, share })));
      }
    } catch (failed) {
      setError(failed);
    } finally {
      setOnItsWay(null);
    }
  };
  const remove = async (id: number) => {
    setError(null);
    try {
      keep(await removeFile(token, id));
    } catch (failed) {
      setError(failed);
    }
  };
  return (
    <Card className={classes.card}>
      <h2 className={classes.label}>Files</h2>
      <p className={classes.reads}>
        PDF, XLSX, CSV or pictures, up to 10 MB each and five in all. You can leave this out.
      </p>
      <RowList
        label="Files"
        rows={files.map((one) => ({
          key: String(one.id),
          text: (
            <Struck by={one.removal_reason} word="Removed">
              {one.name}
            </Struck>
          ),
          note: one.removed_at
            ? `Removed by who asked for it: ${one.removal_reason}`
            : `${formatBytes(one.byte_count)}${one.sent_at ? ', sent' : ''}`,
          right: one.sent_at === null && (
            <RowAction label={`Remove ${one.name}`} icon={IconTrash} onClick={() => void remove(one.id)} />
          ),
        }))}
      />
      {onItsWay && (
        <Progress value={onItsWay.share * 100} aria-label={`${onItsWay.name} is on its way`} size="lg" />
      )}
      <FormError error={error} />
      <FileButton accept={ACCEPT} loading={onItsWay !== null} onFiles={(chosen) => void add(chosen)}>
        Add a file
      </FileButton>
    </Card>
  );
}
