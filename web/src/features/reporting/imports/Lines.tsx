import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Actions, Button, Card, CardBody, CardHead, FileStyle, Select, Switch, TextInput } from '@/ui';
import { KINDS, SCENARIOS } from '../figures';
import { definitionsQuery } from '../queries';
import { LineList } from './LineList';
import type { FileCheck, ReadAs, ToldLine } from './queries';
import type { FigureUpload } from './useFigureFile';
import { counted, lineNow, undecided } from './words';

interface Props {
  upload: FigureUpload;
  found: FileCheck;
  own: string;
}

const LENGTHS = (['month', 'quarter', 'year'] as const).map((value) => ({ value, label: KINDS[value] }));

/** What each line of the file stands for and how the file is written; begins with what the server proposes. */
export function Lines({ upload, found, own }: Props) {
  const sent = upload.sent!;
  const [told, setTold] = useState(sent.told);
  const [readAs, setReadAs] = useState<ReadAs>(sent.readAs);
  const [onlyOpen, setOnlyOpen] = useState(found.lines.some(({ decided }) => !decided));
  const definitions = useQuery(definitionsQuery).data;
  const left = undecided(found.lines, told);
  const rows = onlyOpen ? found.lines.filter(({ decided }) => !decided) : found.lines;
  const changed = JSON.stringify([told, readAs]) !== JSON.stringify([sent.told, sent.readAs]);
  const set = (change: Partial<ReadAs>) => setReadAs({ ...readAs, ...change });
  const tell = (change: ToldLine) => setTold({ ...told, [change.line]: { ...told[change.line], ...change } });
  const hasOpen = found.lines.some(({ decided }) => !decided);
  return (
    <Card>
      <CardHead
        title="What its lines stand for"
        sub={
          left > 0
            ? `${counted(left, 'line is', 'lines are')} still to be decided`
            : `${counted(found.lines.length, 'line')}, ${counted(found.lines.filter((line) => lineNow(line, told[line.line]).metric === null).length, 'left out', 'left out')}`
        }
        right={
          hasOpen && (
            <Switch
              label="Only lines to decide"
              checked={onlyOpen}
              onChange={(event) => setOnlyOpen(event.currentTarget.checked)}
            />
          )
        }
      />
      <CardBody>
        <LineList
          label="Lines of the file"
          lines={rows}
          told={told}
          definitions={definitions ?? []}
          onTell={tell}
        />
        <FileStyle value={readAs} onChange={(change) => set(change)}>
          <Select
            label="A day stands for a"
            description=""
            placeholder="What the file says"
            clearable
            data={LENGTHS}
            value={readAs.period_kind ?? null}
            onChange={(period_kind) => set({ period_kind: period_kind ?? undefined })}
          />
          <Select
            label="Scenario"
            allowDeselect={false}
            data={Object.entries(SCENARIOS).map(([value, label]) => ({ value, label }))}
            value={readAs.scenario ?? 'actual'}
            onChange={(scenario) =>
              set({ scenario: scenario && scenario !== 'actual' ? scenario : undefined })
            }
          />
          <TextInput
            label="Currency"
            placeholder={found.stated_currency ?? own}
            maxLength={3}
            value={readAs.currency ?? ''}
            onChange={(event) => set({ currency: event.currentTarget.value.toUpperCase() || undefined })}
          />
          {sent.file.name.toLowerCase().endsWith('.xlsx') && (
            <TextInput
              label="Only the sheet"
              placeholder="All sheets"
              maxLength={100}
              value={readAs.sheet ?? ''}
              onChange={(event) => set({ sheet: event.currentTarget.value || undefined })}
            />
          )}
        </FileStyle>
        {changed && (
          <Actions>
            <Button
              variant="default"
              onClick={() => {
                setTold(sent.told);
                setReadAs(sent.readAs);
              }}
            >
              As it was
            </Button>
            <Button loading={upload.check.isPending} onClick={() => upload.look({ ...sent, told, readAs })}>
              Check again
            </Button>
          </Actions>
        )}
      </CardBody>
    </Card>
  );
}
