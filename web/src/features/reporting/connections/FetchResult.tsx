import { Note, RowList, Section, StatusPill, TextButton } from '@/ui';
import type { LastFetch } from './queries';
import { fetchState, fetchText } from './words';

interface Props {
  last: LastFetch;
  onOpen: (importId: number) => void;
}

/** What the latest fetch came to, line by line where lines were refused. */
export function FetchResult({ last, onOpen }: Props) {
  const { text, tone } = fetchState(last);
  const importId = last.import_id;
  return (
    <Section title="The latest fetch">
      <p>
        <StatusPill tone={tone}>{text}</StatusPill> {fetchText(last)}
      </p>
      {importId !== null && <TextButton onClick={() => onOpen(importId)}>What it recorded</TextButton>}
      {last.notes.map((note) => (
        <Note key={note}>{note}</Note>
      ))}
      {(last.corrected ?? 0) > 0 && (
        <Note>{last.corrected} were corrected here since the source said them; the corrections stand.</Note>
      )}
      <RowList
        label="Refused lines"
        rows={last.errors.map((one, at) => ({
          key: String(at),
          text: [one.label, one.period, one.value].filter(Boolean).join(' · '),
          note: one.reason,
        }))}
      />
      {last.error_count > last.errors.length && (
        <Note>And {last.error_count - last.errors.length} more of the same kind.</Note>
      )}
    </Section>
  );
}
