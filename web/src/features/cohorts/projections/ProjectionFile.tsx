import { useMutation } from '@tanstack/react-query';
import { downloadCsv } from '@/lib/csv';
import { ExportButton, notify, useCut } from '@/ui';
import { type Assumed, projectionCsv } from './queries';

interface Props {
  companyId: string;
  assumed: Assumed;
  /** There is no cohort. */
  isEmpty: boolean;
}

/** What was paid and what may come under the assumption, cohort by cohort and month by month, as a file. */
export function ProjectionFile({ companyId, assumed, isEmpty }: Props) {
  const cut = useCut();
  const file = useMutation({
    mutationFn: () => projectionCsv(companyId, cut, assumed),
    onSuccess: (csv) => downloadCsv('projections.csv', csv),
    onError: (error) => notify('No file', error.message),
  });
  return (
    <ExportButton loading={file.isPending} onClick={() => file.mutate()} isEmpty={isEmpty}>
      CSV
    </ExportButton>
  );
}
