import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useMay } from '@/api/abilities';
import { searchBy } from '@/api/entities';
import { firstFunds, fundQuery } from '@/api/funds';
import { fetchLedger, ledgerList } from '@/api/ledger';
import { everyRow } from '@/api/lists';
import type { Fund, LedgerRow, Page } from '@/api/types';
import {
  Button,
  ButtonLink,
  DataTable,
  EmptyBlock,
  EntitySelect,
  IconPlus,
  Loaded,
  PageHead,
  Switch,
  useCut,
  useServerList,
  useSetSearch,
} from '@/ui';
import { LEDGER_COLUMNS } from './columns';
import { NewEntry } from './NewEntry';

/** Every dated fact of a fund: the one thing all figures are computed from. */
export default function LedgerPage() {
  const { fund: wanted } = useSearch({ from: '/frame/ledger' });
  const first = useQuery({ ...firstFunds(1), enabled: !wanted });
  const id = wanted ?? first.data?.[0]?.id;
  const fund = useQuery({ ...fundQuery(String(id)), enabled: id !== undefined });
  if (!wanted && first.data?.length === 0) return <NoFund />;
  return (
    <Loaded query={fund} what="the ledger" size="l">
      {(found) => <Ledger key={found.id} fund={found} />}
    </Loaded>
  );
}

function NoFund() {
  return (
    <>
      <PageHead title="Ledger" />
      <EmptyBlock
        title="No fund yet"
        hint="A ledger belongs to a fund. Import a file that names one to begin."
        action={
          <ButtonLink to="/imports/$importId" params={{ importId: 'new' }}>
            Import a file
          </ButtonLink>
        }
      />
    </>
  );
}

function Ledger({ fund }: { fund: Fund }) {
  const { q, sort = '-on', new: adding, voided } = useSearch({ from: '/frame/ledger' });
  const { as_of, known_at } = useCut();
  const query = { q, sort, as_of, known_at, include_voided: voided };
  const setSearch = useSetSearch();
  const mayChange = useMay('capital.change');
  const mayReadVoided = useMay('history.read');
  const list = useInfiniteQuery({
    ...ledgerList(fund.id, query),
    placeholderData: keepPreviousData,
  });
  const all = () => everyRow((page) => fetchLedger(fund.id, { ...query, ...page }));
  const { rows, server } = useServerList<LedgerRow, Page<LedgerRow>>(list, { q, sort }, all);
  return (
    <>
      <PageHead
        title="Ledger"
        sub={`Every dated fact of ${fund.name}, in ${fund.currency}`}
        right={
          mayChange && (
            <Button leftSection={<IconPlus size={16} />} onClick={() => setSearch({ new: true })}>
              Record an entry
            </Button>
          )
        }
      />
      <Loaded query={list} what="the ledger" size="l">
        {() => (
          <DataTable
            data={rows}
            columns={LEDGER_COLUMNS}
            label="Ledger"
            fileName={`ledger-${fund.name}`}
            rowId={(row) => `${row.record}-${row.id}`}
            server={server}
            actions={
              <>
                {mayReadVoided && (
                  <Switch
                    label="Voided"
                    checked={Boolean(voided)}
                    onChange={(event) =>
                      setSearch({ voided: event.currentTarget.checked || undefined }, true)
                    }
                  />
                )}
                <EntitySelect
                  label="Fund"
                  name="funds"
                  hideLabel
                  load={searchBy('/api/v1/funds')}
                  value={String(fund.id)}
                  initial={{ value: String(fund.id), label: fund.name }}
                  onChange={(id) => setSearch({ fund: id ? Number(id) : undefined })}
                />
              </>
            }
          />
        )}
      </Loaded>
      <NewEntry
        key={fund.id}
        fund={fund}
        opened={Boolean(adding)}
        onClose={() => setSearch({ new: undefined }, true)}
      />
    </>
  );
}
