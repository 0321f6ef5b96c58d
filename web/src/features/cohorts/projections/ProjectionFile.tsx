import { useMutation } from '@tanstack/react-query';
import { downloadCsv } from '@/lib/csv';
import { Button, notify, useCut } from '@/ui';
import { type Assumed, projectionCsv } from './queries';

/** What was paid and what may come under the assumption, cohort by cohort and month by month, as a file. */
export function ProjectionFile({ companyId, assumed }: { companyId: string; assumed: Assumed }) {
  const cut = useCut();
  const file = useMutation({
    mutationFn: () => projectionCsv(companyId, cut, assumed),
    onSuccess: (csv) => downloadCsv('projections.csv', csv),
    onError: (error) => notify('No file', error.message),
  });
  return (
    <Button variant="default" loading={file.isPending} onClick={() => file.mutate()}>
      CSV
    </Button>
  );
}
