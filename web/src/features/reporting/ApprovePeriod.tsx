import { useMutation, useQueryClient } from '@tanstack/react-query';
import { periodText } from '@/lib/format';
import { notify } from '@/ui';
import { approveFigures, figuresKey, type Line } from './queries';
import classes from './StatementGrid.module.css';

interface Props {
  companyId: string;
  lines: Line[];
  period: string;
  mayApprove: boolean;
}

/** How far the figures of a period are, and the one press that approves those that wait. */
export function ApprovePeriod({ companyId, lines, period, mayApprove }: Props) {
  const cache = useQueryClient();
  const reported = lines.filter(({ cells }) => cells[period]?.status);
  const waiting = reported.filter(({ cells }) => cells[period]!.status !== 'approved');
  const approve = useMutation({
    mutationFn: () =>
      approveFigures(
        companyId,
        waiting.map(({ cells }) => ({ id: cells[period]!.id!, version: cells[period]!.version! })),
      ),
    onSuccess: () => notify('Approved', `${waiting.length} of ${periodText(period)}`),
    onError: (error) => notify('Not approved', error.message),
    onSettled: () => cache.invalidateQueries({ queryKey: figuresKey(companyId) }),
  });
  if (reported.length === 0) return null;
  if (waiting.length === 0) return 'Approved';
  if (!mayApprove) return `${waiting.length} to approve`;
  return (
    <button
      type="button"
      className={classes.approve}
      disabled={approve.isPending}
      onClick={() => approve.mutate()}
    >
      Approve {waiting.length}
      <span className="sr-only"> of {periodText(period)}</span>
    </button>
  );
}
