import { useQuery } from '@tanstack/react-query';
import { formatInstant } from '@/lib/format';
import { DetailList, FileDrawer, RowList, Section, WayBack } from '@/ui';
import { definitionsQuery } from '../queries';
import { type FigureImport, figureImport, staleBy, undoFigures } from './queries';
import { receiptItems, SCALES } from './words';

interface Props {
  companyId: string;
  id: number;
  onClose: () => void;
}

/** What one file brought, what its lines stood for, and the way back. */
export function ImportDrawer({ companyId, id, onClose }: Props) {
  return (
    <FileDrawer query={useQuery(figureImport(companyId, id))} what="import" onClose={onClose}>
      {(made) => (
        <>
          <DetailList items={receiptItems(made)} />
          <WayBack
            file={made}
            what="import"
            operation="metric.change"
            effect="Figures this file restated say again what they said before, figures it brought are taken back. A figure that was corrected since is left alone."
            undone={`Undone ${formatInstant(made.undone_at)}: ${made.undo_reason ?? ''}`}
            undo={(reason) => undoFigures(companyId, id, reason)}
            stale={staleBy(companyId)}
          />
          <Mapped made={made} />
        </>
      )}
    </FileDrawer>
  );
}

function Mapped({ made }: { made: FigureImport }) {
  const definitions = useQuery(definitionsQuery).data ?? [];
  const labelOf = (metric: string | null) =>
    metric === null ? 'left out' : (definitions.find(({ key }) => key === metric)?.label ?? metric);
  return (
    <Section title="Its lines">
      <RowList
        label="Lines"
        rows={made.mapping.map((line) => ({
          key: line.line,
          text: line.label,
          note: [
            labelOf(line.metric),
            line.scale !== 1 && SCALES.find(({ value }) => value === String(line.scale))?.label.toLowerCase(),
            line.sign < 0 && 'turned round',
            line.currency,
          ]
            .filter(Boolean)
            .join(', '),
        }))}
      />
    </Section>
  );
}
