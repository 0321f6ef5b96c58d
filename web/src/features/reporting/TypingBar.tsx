import { formatInt } from '@/lib/format';
import { Actions, Button, FormError, Note, SegmentedControl } from '@/ui';
import type { Status } from './queries';
import classes from './reporting.module.css';
import type { TypingState } from './useTyping';

const STATUSES: { value: Status; label: string }[] = [
  { value: 'draft', label: 'Draft' },
  { value: 'submitted', label: 'Submitted' },
  { value: 'approved', label: 'Approved' },
];

interface Props {
  typing: TypingState;
  mayApprove: boolean;
  hint: string;
}

/** Above a grid that is typed in: as what the figures are recorded, and the decision. */
export function TypingBar({ typing, mayApprove, hint }: Props) {
  const { changes, status, setStatus, save, leave } = typing;
  const bad = changes.filter(({ value }) => value === null).length;
  return (
    <div className={classes.bar} role="group" aria-label="Figures that were typed">
      <Note>{bad > 0 ? `${figures(bad)} cannot be read; nothing is saved until all can.` : hint}</Note>
      <Actions>
        <SegmentedControl
          aria-label="Record them as"
          data={STATUSES.filter(({ value }) => mayApprove || value !== 'approved')}
          value={status}
          onChange={(value) => setStatus(value as Status)}
          disabled={save.isPending}
        />
        <Button variant="default" onClick={leave} disabled={save.isPending}>
          Leave it as it was
        </Button>
        <Button
          disabled={changes.length === 0 || bad > 0}
          loading={save.isPending}
          onClick={() => save.mutate(changes)}
        >
          {changes.length === 0 ? 'Save' : `Save ${figures(changes.length)}`}
        </Button>
      </Actions>
      <FormError error={save.error} />
    </div>
  );
}

/** After a save: what happened, and the way back. */
export function SavedBar({ typing }: { typing: TypingState }) {
  const { back, undo } = typing;
  if (back === null) return null;
  return (
    <div className={classes.bar} role="status">
      <Note>{`Saved ${figures(back.count)}. What was there before is kept in each figure’s history.`}</Note>
      <Actions>
        <Button variant="default" loading={undo.isPending} onClick={() => undo.mutate(back)}>
          Undo
        </Button>
      </Actions>
      <FormError error={undo.error} />
    </div>
  );
}

const figures = (count: number): string => `${formatInt(count)} ${count === 1 ? 'figure' : 'figures'}`;
