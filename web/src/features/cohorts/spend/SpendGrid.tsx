import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { Cohort, Spend } from '@/api/types';
import { downloadCsv, toCsv } from '@/lib/csv';
import { today } from '@/lib/dates';
import { formatInt } from '@/lib/format';
import { Actions, Button, Card, CardBody, CardHead, ExportButton, FormError, Held, Note, notify } from '@/ui';
import { cohortKey } from '../queries';
import { type Drafts, isChanged, type MonthRow, rowsOf, wrongDraft } from './drafts';
import { readPaste } from './paste';
import { PasteSpends } from './PasteSpends';
import { saveSpends } from './queries';
import { SpendTable } from './SpendTable';
import { VoidSpend } from './VoidSpend';

interface Props {
  companyId: string;
  currency: string;
  cohorts: Cohort[];
  spends: Spend[];
}

/** The spend of every month, typed or pasted, saved together; a month that is refused stays as it was typed. */
export function SpendGrid({ companyId, currency, cohorts, spends }: Props) {
  const cache = useQueryClient();
  const [around, setAround] = useState({ earlier: 0, later: 0 });
  const [drafts, setDrafts] = useState<Drafts>({});
  const [refused, setRefused] = useState<Record<string, string>>({});
  const [pasting, setPasting] = useState<{ text: string; from: string } | null>(null);
  const [voiding, setVoiding] = useState<MonthRow | null>(null);
  const rows = useMemo(() => rowsOf(spends, cohorts, today(), around), [spends, cohorts, around]);
  const changes = rows.flatMap((row) => {
    const draft = drafts[row.month];
    return isChanged(row, draft) ? [{ row, draft }] : [];
  });
  const bad = changes.filter(({ row, draft }) => wrongDraft(row, draft) !== null).length;
  const save = useMutation({
    mutationFn: () => saveSpends(companyId, changes),
    onSuccess: async (failed) => {
      const saved = changes.length - Object.keys(failed).length;
      if (saved > 0) notify('Saved', months(saved));
      await cache.invalidateQueries({ queryKey: cohortKey(companyId) });
      setRefused(failed);
      setDrafts(Object.fromEntries(Object.entries(drafts).filter(([month]) => month in failed)));
    },
  });
  const type = (month: string, text: string) => {
    setRefused((others) => Object.fromEntries(Object.entries(others).filter(([one]) => one !== month)));
    setDrafts({ ...drafts, [month]: text });
  };
  const take = (taken: { month: string; spend: string }[]) => {
    const known = new Set(rows.map(({ month }) => month));
    setDrafts({ ...drafts, ...Object.fromEntries(taken.map(({ month, spend }) => [month, spend])) });
    setAround(
      widened(
        around,
        rows,
        taken.map(({ month }) => month).filter((month) => !known.has(month)),
      ),
    );
    setPasting(null);
  };
  /** A column goes down from the month it was pasted at; with one bad row nothing is taken over. */
  const paste = (month: string, text: string) => {
    const { rows: taken, bad: wrong } = readPaste(text, month);
    if (wrong.length > 0) setPasting({ text, from: month });
    else take(taken);
  };
  const file = () =>
    downloadCsv(
      'spend.csv',
      toCsv(
        ['cohort_month', 'spend'],
        rows.flatMap(({ month, spend }) => (spend ? [[month, spend.spend]] : [])),
      ),
    );
  return (
    <Card>
      <CardHead
        title="Acquisition spend"
        sub={`What was spent in a month to win customers, in ${currency}`}
        right={
          <Actions>
            <Button
              variant="default"
              disabled={save.isPending}
              onClick={() => setPasting({ text: '', from: rows[0]?.month ?? today() })}
            >
              Paste
            </Button>
            <ExportButton onClick={file} isEmpty={spends.length === 0}>
              CSV
            </ExportButton>
          </Actions>
        }
      />
      <Held pending={save.isPending}>
        <SpendTable
          {...{ rows, drafts, refused, currency }}
          onType={type}
          onPaste={paste}
          onVoid={setVoiding}
          onEarlier={() => setAround({ ...around, earlier: around.earlier + 1 })}
          onLater={() => setAround({ ...around, later: around.later + 1 })}
        />
      </Held>
      <CardBody>
        {bad > 0 && <Note>{`${months(bad)} cannot be read; nothing is saved until all can.`}</Note>}
        <FormError error={save.error} />
        <Actions>
          {changes.length > 0 && (
            <Button
              variant="default"
              disabled={save.isPending}
              onClick={() => {
                setDrafts({});
                setRefused({});
              }}
            >
              Leave it as it was
            </Button>
          )}
          <Button
            disabled={changes.length === 0 || bad > 0}
            loading={save.isPending}
            onClick={() => save.mutate()}
          >
            {changes.length === 0 ? 'Save' : `Save ${months(changes.length)}`}
          </Button>
        </Actions>
      </CardBody>
      {pasting && (
        <PasteSpends
          {...pasting}
          months={rows.map(({ month }) => month)}
          onTake={take}
          onClose={() => setPasting(null)}
        />
      )}
      {voiding?.spend && (
        <VoidSpend companyId={companyId} spend={voiding.spend} onClose={() => setVoiding(null)} />
      )}
    </Card>
  );
}

const months = (count: number): string => `${formatInt(count)} ${count === 1 ? 'month' : 'months'}`;

/** Rows for months that were pasted and lie before the first or after the last one. */
function widened(around: { earlier: number; later: number }, rows: MonthRow[], wanted: string[]) {
  const [first, last] = [rows[0]!.month, rows[rows.length - 1]!.month];
  const sorted = [...wanted].sort();
  const [earliest, latest] = [sorted[0] ?? first, sorted[sorted.length - 1] ?? last];
  return {
    earlier: around.earlier + Math.max(0, between(earliest, first)),
    later: around.later + Math.max(0, between(last, latest)),
  };
}

function between(start: string, end: string): number {
  const index = (month: string) => Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7));
  return index(end) - index(start);
}
