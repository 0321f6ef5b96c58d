import type { AuditRow } from '@/api/types';
import { usePeopleNames } from '@/api/people';
import { changesOf } from '@/lib/changes';
import { formatInstant, humanise } from '@/lib/format';
import {
  ChangeList,
  type Detail,
  DetailList,
  FormDrawer,
  Note,
  Section,
  Stack,
  TextButton,
  useSetSearch,
} from '@/ui';
import { ACTIONS, actorWords, noteWords, recordWords } from './words';

interface Props {
  row: AuditRow | null;
  onClose: () => void;
}

/** One thing that happened, with all that is known of it. */
export function AuditDrawer({ row, onClose }: Props) {
  return (
    <FormDrawer
      opened={row !== null}
      onClose={onClose}
      title={row ? `${ACTIONS[row.action]}: ${recordWords(row).toLowerCase()}` : ''}
      sub={row && formatInstant(row.happened_at)}
      wide
    >
      {row && <Row row={row} onClose={onClose} />}
    </FormDrawer>
  );
}

function Row({ row, onClose }: { row: AuditRow; onClose: () => void }) {
  const setSearch = useSetSearch();
  const by = usePeopleNames();
  const changes = changesOf(row);
  const trail = () => {
    setSearch({ record: row.record ?? undefined });
    onClose();
  };
  const details: (Detail | false)[] = [
    { label: 'Who', value: actorWords(row) },
    row.on_behalf_of !== null && { label: 'Looking', value: by(row.on_behalf_of).replace(/^by/, 'as') },
    row.operation !== null && { label: 'Operation', value: humanise(row.operation.replaceAll('.', ' ')) },
    { label: 'Through', value: humanise(row.door) },
    row.address !== null && { label: 'From', value: row.address },
    row.request_id !== null && { label: 'Request', value: row.request_id },
    row.rows !== null && { label: 'Rows', value: String(row.rows) },
    row.note !== null && { label: 'Note', value: noteWords(row.note) },
    { label: 'Place in the trail', value: String(row.sequence) },
  ];
  return (
    <Stack>
      <DetailList items={details.filter((detail) => detail !== false)} />
      <Section title="Before → after">
        {changes.length > 0 ? (
          <ChangeList changes={changes} label="What changed" />
        ) : (
          <Note>No field of a record changed, or it is not yours to see.</Note>
        )}
      </Section>
      {row.record !== null && <TextButton onClick={trail}>The whole trail of this record</TextButton>}
    </Stack>
  );
}
