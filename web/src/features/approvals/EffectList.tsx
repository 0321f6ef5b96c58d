import { useScopeNames } from '@/api/scopes';
import { usePeople } from '@/api/people';
import type { ApprovalDetail, Effect } from '@/api/types';
import { humanise } from '@/lib/format';
import { ChangeList, Money, Note, RowList, Section, Stack } from '@/ui';
import { effectChanges, newLines } from './words';

/** What the request does to which rows: new lines as who and how much, the rest before and after. */
export function EffectList({ request }: { request: ApprovalDetail }) {
  const { effect, effect_count: count, currency } = request;
  const nameOf = useRowNames(effect);
  const [lines, others] = newLines(effect);
  if (request.operation.startsWith('relax_'))
    return <Note>Such changes are recorded at once, without a second person.</Note>;
  return (
    <Stack>
      {others.map((row, index) => (
        <One key={`${row.noun}-${row.record_id ?? index}`} row={row} currency={currency} nameOf={nameOf} />
      ))}
      {lines.length > 0 && (
        <RowList
          label="Lines"
          rows={lines.map((row, index) => ({
            key: String(index),
            text: nameOf(row),
            right: <Money value={String(row.after!.amount)} currency={currency ?? undefined} />,
          }))}
        />
      )}
      {count > effect.length && <Note>{`These are the first ${effect.length} of ${count} rows.`}</Note>}
      {count === 0 && <Note>What it changes was not kept for this request.</Note>}
    </Stack>
  );
}

interface OneProps {
  row: Effect;
  currency: string | null;
  nameOf: (row: Effect) => string;
}

function One({ row, currency, nameOf }: OneProps) {
  const changes = row.rows === null ? effectChanges(row, currency) : [];
  const title = [titleOf(row), nameOf(row)].filter(Boolean).join(': ');
  return (
    <Section title={title}>
      {row.rows !== null && <Note>{row.rows === 1 ? '1 row' : `${row.rows} rows`}</Note>}
      {changes.length > 0 && <ChangeList changes={changes} label="What changes" />}
      {row.rows === null && changes.length === 0 && (
        <Note>Counted anew; none of its own fields changes.</Note>
      )}
    </Section>
  );
}

function titleOf({ action, noun, record_id: id }: Effect): string {
  const name = humanise(noun === 'access_grant' ? 'grant' : noun);
  if (action === 'create') return `New ${name.toLowerCase()}`;
  return id === null ? name : `${name} ${id}`;
}

const KINDS = ['investor', 'company', 'holding', 'vehicle', 'fund'];

/** Whom or what a row is about, by the most telling record it belongs to. */
function useRowNames(effect: Effect[]): (row: Effect) => string {
  const people = usePeople();
  const scopeOf = ({ refs, after }: Effect) => {
    const kind = KINDS.find((name) => `${name}_id` in refs);
    if (kind) return { scope_kind: kind, scope_id: refs[`${kind}_id`]! };
    if (typeof after?.scope_kind !== 'string') return null;
    return { scope_kind: after.scope_kind, scope_id: Number(after.scope_id) };
  };
  const nameOf = useScopeNames(effect.flatMap((row) => scopeOf(row) ?? []));
  return (row) => {
    const scope = scopeOf(row);
    const person = people?.find(({ id }) => id === row.refs.user_id)?.name;
    return [person, scope && nameOf(scope)].filter(Boolean).join(', ');
  };
}
