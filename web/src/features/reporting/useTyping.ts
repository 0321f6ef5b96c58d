import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { type Change, changesOf, type Drafts, withDraft, withPaste } from './figures';
import {
  changeFigures,
  type FigureKey,
  figuresKey,
  type Line,
  type Scenario,
  type Status,
  type ValueIn,
} from './queries';

/** What brings the figures back that a save replaced. */
interface Back {
  values: ValueIn[];
  gone: FigureKey[];
  count: number;
}

/** Typing figures in a grid: drafts, what they change, saving them all together, and undoing the last save. */
export function useTyping(
  companyId: string,
  scenario: Scenario,
  lines: Line[],
  periods: string[],
  setOn: (on: boolean) => void,
  mayApprove: boolean,
) {
  const cache = useQueryClient();
  const [drafts, setDrafts] = useState<Drafts>({});
  const [status, setStatus] = useState<Status>('submitted');
  const [back, setBack] = useState<Back | null>(null);
  const changes = changesOf(drafts, lines);
  const settled = () =>
    Promise.all([
      cache.invalidateQueries({ queryKey: figuresKey(companyId) }),
      cache.invalidateQueries({ queryKey: ['reporting'] }),
      cache.invalidateQueries({ queryKey: ['alerts'] }),
    ]);
  const save = useMutation({
    mutationFn: async (made: Change[]) => {
      const { values, gone } = asked(made, scenario, status);
      await changeFigures(companyId, values, gone);
      return backOf(made, scenario, mayApprove);
    },
    onSuccess: async (before) => {
      await settled();
      setDrafts({});
      setOn(false);
      setBack(before);
    },
  });
  const undo = useMutation({
    mutationFn: ({ values, gone }: Back) => changeFigures(companyId, values, gone),
    onSuccess: async () => {
      await settled();
      setBack(null);
    },
  });
  const onType = useCallback(
    (metric: string, period: string, text: string) =>
      setDrafts((now) => withDraft(now, metric, period, text)),
    [],
  );
  return {
    start: () => {
      setBack(null);
      save.reset();
      setOn(true);
    },
    leave: () => {
      setDrafts({});
      save.reset();
      setOn(false);
    },
    drafts,
    onType,
    onPaste: (metric: string, period: string, text: string) =>
      setDrafts((now) => withPaste(now, text, { metric, period }, lines, periods)),
    changes,
    status,
    setStatus,
    save,
    back,
    undo,
  };
}

export type TypingState = ReturnType<typeof useTyping>;

function asked(changes: Change[], scenario: Scenario, status: Status) {
  const values = changes.flatMap(({ line: { metric }, period, value }): ValueIn[] =>
    value ? [{ metric, period, value, scenario, status }] : [],
  );
  const gone = changes.flatMap(({ line: { metric }, period, value }): FigureKey[] =>
    value === '' ? [{ metric, period, scenario }] : [],
  );
  return { values, gone };
}

/** The figures as they were: what had one gets it again, what had none is taken back. */
function backOf(changes: Change[], scenario: Scenario, mayApprove: boolean): Back {
  const values: ValueIn[] = [];
  const gone: FigureKey[] = [];
  for (const { line, period, before, value } of changes) {
    const key = { metric: line.metric, period, scenario };
    if (before?.value != null) {
      // Whoever may not approve brings an approved figure back as one that waits for it again.
      const status = before.status === 'approved' && !mayApprove ? 'submitted' : before.status;
      values.push({ ...key, value: before.value, status: status ?? 'submitted', note: before.note });
    } else if (value) gone.push(key);
  }
  return { values, gone, count: changes.length };
}
