import { useScopeNames } from '@/api/scopes';
import { formatInt, NA, periodText } from '@/lib/format';
import { Note, RowList, Section } from '@/ui';
import type { Definition } from '../queries';
import { counted } from '../imports/words';
import type { DefinitionBody, Moves } from './queries';

const SHOWN = 50;

interface Props {
  moves: Moves;
  /** The definition that is tried. */
  own: DefinitionBody;
  definitions: readonly Definition[];
}

/** Every figure that would be another one with the definition. */
export function MovedFigures({ moves, own, definitions }: Props) {
  const labelOf = (key: string) =>
    key === own.key ? own.label : (definitions.find((one) => one.key === key)?.label ?? key);
  const needing = moves.dependents.filter((key) => key !== own.key);
  const shown = moves.moved.slice(0, SHOWN);
  const nameOf = useScopeNames(
    shown.map(({ company_id }) => ({ scope_kind: 'company', scope_id: company_id })),
  );
  return (
    <Section title="What would move">
      <Note>
        {moves.figures === 0
          ? 'No figure would be another one.'
          : `${counted(moves.figures, 'figure')} of ${counted(moves.companies, 'company', 'companies')} would be another one.`}
        {needing.length > 0 && ` Computed from it: ${needing.map(labelOf).join(', ')}.`}
      </Note>
      <RowList
        label="Figures that would move"
        rows={shown.map((one) => ({
          key: `${one.company_id} ${one.metric} ${one.period}`,
          text: nameOf({ scope_kind: 'company', scope_id: one.company_id }),
          note: `${labelOf(one.metric)}, ${periodText(one.period)}: ${one.before ?? NA} → ${one.after ?? NA}`,
        }))}
      />
      {moves.figures > shown.length && <Note>And {formatInt(moves.figures - shown.length)} more.</Note>}
    </Section>
  );
}
