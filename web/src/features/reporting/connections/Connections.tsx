import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useMay } from '@/api/abilities';
import { Button, FormDrawer, KeptList, Loaded, StatusPill } from '@/ui';
import { staleBy } from '../imports/queries';
import { ConnectionEditor } from './ConnectionEditor';
import { NameLabels } from './NameLabels';
import { archiveConnection, askForFigures, type Connection, connectionsQuery, isFetching } from './queries';
import { fetchState, fetchText, hostOf } from './words';

interface Props {
  companyId: string;
  onOpen: (importId: number) => void;
}

/** Where a company's figures are fetched: each source with how its latest fetch went. */
export function Connections({ companyId, onOpen }: Props) {
  const connections = useQuery(connectionsQuery(companyId));
  const mayChange = useMay('metric_connection.change');
  const mayFetch = useMay('metric.change');
  const [naming, setNaming] = useState<Connection | null>(null);
  useNews(companyId, connections.data);
  return (
    <>
      <KeptList<Connection>
        title="Connections"
        sub="Systems that figures are fetched from"
        label="Connections"
        fetched={(show) => (
          <Loaded query={connections} what="the connections" size="m">
            {show}
          </Loaded>
        )}
        empty={{
          title: 'No connection yet',
          hint: 'An accounting or payment system, or a warehouse, that answers with figures by month.',
        }}
        note={(one) => <Note connection={one} />}
        beside={(one) =>
          mayFetch &&
          (one.last_fetch?.outcome === 'unmapped' && !isFetching(one) ? (
            <Button size="xs" onClick={() => setNaming(one)}>
              Name its labels
            </Button>
          ) : (
            <Fetch companyId={companyId} connection={one} />
          ))
        }
        mayChange={mayChange}
        add="Add a connection"
        end={{
          word: 'Remove',
          effect: ({ name }) =>
            `Nothing is fetched from “${name}” any more, and its key is forgotten. What it brought stays.`,
          run: (id) => archiveConnection(companyId, id),
          done: 'Removed',
        }}
        stale={connectionsQuery(companyId).queryKey}
        editor={(known, onDone) => (
          <ConnectionEditor
            companyId={companyId}
            known={connections.data?.find(({ id }) => id === known?.id) ?? null}
            onDone={onDone}
            onOpen={onOpen}
          />
        )}
      />
      <FormDrawer
        opened={naming !== null}
        onClose={() => setNaming(null)}
        title={`Labels of ${naming?.name ?? ''}`}
        wide
      >
        {naming && <NameLabels companyId={companyId} connection={naming} onDone={() => setNaming(null)} />}
      </FormDrawer>
    </>
  );
}

function Note({ connection }: { connection: Connection }) {
  const { address, account, nightly, last_fetch: last } = connection;
  return (
    <>
      {[hostOf(address), account, nightly && 'every night'].filter(Boolean).join(' · ')}
      {last && (
        <>
          <br />
          <StatusPill tone={fetchState(last).tone}>{fetchState(last).text}</StatusPill> {fetchText(last)}
        </>
      )}
    </>
  );
}

function Fetch({ companyId, connection }: { companyId: string; connection: Connection }) {
  const cache = useQueryClient();
  const ask = useMutation({
    mutationFn: () => askForFigures(companyId, connection.id),
    onSettled: () => cache.invalidateQueries({ queryKey: connectionsQuery(companyId).queryKey }),
  });
  return (
    <Button
      size="xs"
      variant="default"
      aria-label={`Fetch from ${connection.name}`}
      loading={ask.isPending || isFetching(connection)}
      onClick={() => ask.mutate()}
    >
      Fetch
    </Button>
  );
}

/** Once a fetch has recorded something, what was read before is asked for again. */
function useNews(companyId: string, connections: Connection[] | undefined) {
  const cache = useQueryClient();
  const newest = Math.max(0, ...(connections ?? []).map(({ last_fetch }) => last_fetch?.import_id ?? 0));
  const [seen, setSeen] = useState<number | null>(null);
  const isLoaded = connections !== undefined;
  useEffect(() => {
    if (!isLoaded || newest === seen) return;
    setSeen(newest);
    if (seen !== null) for (const queryKey of staleBy(companyId)) void cache.invalidateQueries({ queryKey });
  }, [cache, companyId, isLoaded, newest, seen]);
}
