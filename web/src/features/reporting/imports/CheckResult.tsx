import { useMutation } from '@tanstack/react-query';
import { downloadBlob } from '@/lib/csv';
import { formatInt } from '@/lib/format';
import { Actions, Button, Card, CardBody, CardHead, FormError, Note, StatusPill, TextButton } from '@/ui';
import classes from './imports.module.css';
import { checkedFile, type FileCheck } from './queries';
import type { FigureUpload } from './useFigureFile';
import { counted, STATES, statedText, undecided } from './words';

interface Props {
  upload: FigureUpload;
  found: FileCheck;
  onOpen: (importId: number) => void;
}

/** What would become of the cells, in numbers, and the one button that records them: all, or none. */
export function CheckResult({ upload, found, onOpen }: Props) {
  const sent = upload.sent!;
  const { counts, error_count, findings, notes, same_as } = found;
  const fresh = counts.new + counts.changed;
  const open = undecided(found.lines, {});
  const { record } = upload;
  return (
    <Card>
      <CardHead title={sent.file.name} sub={statedText(found)} />
      <CardBody>
        <div className={classes.counts}>
          {(['new', 'changed', 'same'] as const).map((state) => (
            <StatusPill key={state} tone={counts[state] ? STATES[state].tone : 'neutral'}>
              {`${formatInt(counts[state])} ${STATES[state].text.toLowerCase()}`}
            </StatusPill>
          ))}
          <StatusPill tone={error_count ? 'neg' : 'neutral'}>{counted(error_count, 'error')}</StatusPill>
          {findings.length > 0 && <StatusPill tone="warn">{counted(findings.length, 'finding')}</StatusPill>}
        </div>
        {same_as !== null && (
          <Note>
            The same file was recorded before:{' '}
            <TextButton onClick={() => onOpen(same_as)}>{`import ${same_as}`}</TextButton>. Figures that are
            recorded as they are stay.
          </Note>
        )}
        {notes.map((note) => (
          <Note key={note}>{note}</Note>
        ))}
        <Note>{whatNow(fresh, open, error_count)}</Note>
        <FormError error={record.error} />
        <Actions>
          <Button variant="default" onClick={upload.leave}>
            Choose another file
          </Button>
          {(error_count > 0 || findings.length > 0) && <Downloads upload={upload} errors={error_count} />}
          <Button
            disabled={error_count > 0 || fresh === 0}
            loading={record.isPending}
            onClick={() => record.mutate(sent)}
          >
            {`Record ${counted(fresh, 'figure')}`}
          </Button>
        </Actions>
      </CardBody>
    </Card>
  );
}

function whatNow(fresh: number, open: number, errors: number): string {
  if (open > 0)
    return `Say below what ${counted(open, 'line stands', 'lines stand')} for, or leave them out.`;
  if (errors > 0) return 'Correct the cells below in the file and choose it again, or read it otherwise.';
  if (fresh === 0) return 'Every figure is recorded as it is: there is nothing to do.';
  return 'All figures are recorded together, as submitted; a changed one restates what was reported before.';
}

function Downloads({ upload, errors }: { upload: FigureUpload; errors: number }) {
  const sent = upload.sent!;
  const base = sent.file.name.replace(/\.\w+$/, '');
  const fetched = useMutation({
    mutationFn: async (kind: 'errors' | 'workbook') => {
      const name = kind === 'workbook' ? `${base}-checked.xlsx` : `${base}-errors.csv`;
      downloadBlob(name, await checkedFile(upload.companyId, sent, kind));
    },
  });
  return (
    <>
      <FormError error={fetched.error} />
      {errors > 0 && (
        <Button variant="default" loading={fetched.isPending} onClick={() => fetched.mutate('errors')}>
          Errors as CSV
        </Button>
      )}
      <Button variant="default" loading={fetched.isPending} onClick={() => fetched.mutate('workbook')}>
        Workbook with comments
      </Button>
    </>
  );
}
