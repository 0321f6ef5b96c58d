import { useQuery } from '@tanstack/react-query';
import { formatBytes } from '@/lib/format';
import { RowList, Section } from '@/ui';
import { type DataRequest, fileHref, requestQuery } from './queries';

/** The files that came with a request's figures, to be downloaded. */
export function SentFiles({ files }: { files: DataRequest['attachments'] }) {
  if (files.length === 0) return null;
  return (
    <Section title="Files that came with it">
      <RowList
        label="Files"
        rows={files.map((one) => ({
          key: String(one.id),
          text: (
            <a href={fileHref(one.id)} download={one.name}>
              {one.name}
            </a>
          ),
          note: `${formatBytes(one.byte_count)}${one.attached_by ? `, from ${one.attached_by}` : ''}`,
        }))}
      />
    </Section>
  );
}

/** The same beside one of its values. */
export function FilesOfRequest({ id }: { id: number }) {
  const query = useQuery(requestQuery(id));
  return query.data ? <SentFiles files={query.data.attachments} /> : null;
}
