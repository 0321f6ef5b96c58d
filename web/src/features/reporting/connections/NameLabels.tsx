import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Actions, Button, FormError, Held, Loaded, Note, notify } from '@/ui';
import { definitionsQuery } from '../queries';
import { LineList } from '../imports/LineList';
import { type FileLine, keepLabels, rememberedLabels, type ToldLine } from '../imports/queries';
import { counted, lineNow, undecided } from '../imports/words';
import { askForFigures, type Connection, connectionsQuery } from './queries';

interface Props {
  companyId: string;
  connection: Connection;
  onDone: () => void;
}

/** What the labels stand for that nobody knew: said once, remembered for every later fetch and file. */
export function NameLabels({ companyId, connection, onDone }: Props) {
  const cache = useQueryClient();
  const known = useQuery(rememberedLabels(companyId));
  const definitions = useQuery(definitionsQuery);
  const [told, setTold] = useState<Record<string, ToldLine>>({});
  const last = connection.last_fetch;
  const lines = (last?.labels ?? []).map((label) => unknownLine(label, connection.name));
  const save = useMutation({
    mutationFn: async () => {
      await keepLabels(companyId, [
        ...(known.data ?? []).filter(({ label }) => !(label in told)),
        // Of a source there is no scale but the one that is said here.
        ...lines
          .filter(({ line }) => line in told)
          .map((line) => ({ ...lineNow(line, told[line.line]), said_scale: 1 as const })),
      ]);
      await askForFigures(companyId, connection.id, {
        first_month: last?.first_month,
        last_month: last?.last_month,
      });
    },
    onSuccess: async () => {
      notify('Remembered', 'The figures are fetched again');
      await cache.invalidateQueries({ queryKey: rememberedLabels(companyId).queryKey });
      await cache.invalidateQueries({ queryKey: connectionsQuery(companyId).queryKey });
      onDone();
    },
  });
  const left = undecided(lines, told);
  return (
    <Loaded query={known} what="the labels" size="m">
      {() => (
        <Held pending={save.isPending} stacked>
          <Note>
            {left > 0
              ? `${counted(left, 'label is', 'labels are')} still to be decided. What is left out is not asked about again.`
              : 'All are decided.'}
          </Note>
          <LineList
            label="Labels nobody knows"
            lines={lines}
            told={told}
            definitions={definitions.data ?? []}
            onTell={(change) => setTold({ ...told, [change.line]: { ...told[change.line], ...change } })}
          />
          <FormError error={save.error} />
          <Actions>
            <Button variant="default" onClick={onDone}>
              Cancel
            </Button>
            <Button loading={save.isPending} disabled={left > 0} onClick={() => save.mutate()}>
              Remember and fetch again
            </Button>
          </Actions>
        </Held>
      )}
    </Loaded>
  );
}

const unknownLine = (label: string, source: string): FileLine => ({
  line: label,
  label,
  cell: source,
  metric: null,
  scale: 1,
  sign: 1,
  percent: null,
  currency: null,
  because: 'unknown',
  decided: false,
});
