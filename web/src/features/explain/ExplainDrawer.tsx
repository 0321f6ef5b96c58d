import { useQuery } from '@tanstack/react-query';
import { performanceQuery } from '@/api/performance';
import { formatDate, humanise } from '@/lib/format';
import { ErrorBlock, type FigureRef, FormDrawer, LoadingBlock, parseFigureKey, useCut } from '@/ui';
import { ExplainedFigure } from './ExplainedFigure';
import { LABELS } from './labels';

interface Props {
  /** `funds:12:net.tvpi`, from the address. */
  figure: string;
  onClose: () => void;
}

/** Opens a figure into its formula, its inputs, and every flow behind it. */
export default function ExplainDrawer({ figure, onClose }: Props) {
  const ref = parseFigureKey(figure);
  if (!ref) return null;
  return <Drawer figure={ref} onClose={onClose} />;
}

function Drawer({ figure, onClose }: { figure: FigureRef; onClose: () => void }) {
  const explained = useQuery(performanceQuery(figure.subject, figure.id, { ...useCut(), explain: true }));
  const title = LABELS[figure.field] ?? humanise(figure.field.split('.').pop());
  const sub = explained.data && `As of ${formatDate(explained.data.as_of)}, in ${explained.data.currency}`;
  return (
    <FormDrawer opened onClose={onClose} title={title} sub={sub} wide>
      {explained.isError ? (
        <ErrorBlock error={explained.error} what="the explanation" onRetry={() => void explained.refetch()} />
      ) : explained.data ? (
        <ExplainedFigure field={figure.field} data={explained.data} />
      ) : (
        <LoadingBlock size="m" label="the explanation" />
      )}
    </FormDrawer>
  );
}
