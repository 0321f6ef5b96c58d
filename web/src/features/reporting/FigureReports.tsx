import { formatInstant, periodText } from '@/lib/format';
import { Note, VersionList } from '@/ui';
import { SOURCES, wholeText } from './figures';
import type { Reported, Unit } from './queries';

interface Props {
  items: Reported[];
  unit: Unit;
  /** The period that is open: the others are named. */
  own: string;
  nameOf: (id: number | null) => string;
}

/** What was reported of a figure, when, how and by whom; what another figure replaced says until when it stood. */
export function FigureReports({ items, unit, own, nameOf }: Props) {
  if (items.length === 0) return <Note>Nothing was reported of it.</Note>;
  const title = (one: Reported) => {
    const figure = wholeText(one.value, unit, one.currency);
    const state = one.taken_back !== null ? 'taken back' : one.until !== null ? 'superseded' : one.status;
    return `${one.period === own ? '' : `${periodText(one.period)}: `}${figure}, ${state}`;
  };
  return (
    <VersionList
      label="Reports of the figure"
      items={items.map((one) => ({
        key: `${one.id}-${one.version}`,
        at: one.recorded_at,
        title: title(one),
        by: [
          SOURCES[one.source] ?? one.source,
          nameOf(one.recorded_by),
          one.until !== null && `until ${formatInstant(one.until)}`,
          one.taken_back ?? one.note,
        ]
          .filter(Boolean)
          .join(', '),
        changes: [],
      }))}
    />
  );
}
