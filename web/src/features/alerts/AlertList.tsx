import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { searchBy } from '@/api/entities';
import { formatDate } from '@/lib/format';
import {
  Button,
  Card,
  CardBody,
  CardHead,
  EmptyBlock,
  EntitySelect,
  ExportButton,
  FilterBar,
  Loaded,
  MainAside,
  Note,
  RowList,
  Select,
  Stack,
  TextButton,
  useRowSteps,
  useSetSearch,
} from '@/ui';
import { AlertCard } from './AlertCard';
import { type Alert, alertsHref, alertsList, type Kind } from './queries';
import { KINDS, kindText, SEVERITIES, STATES } from './words';

/** The alerts of a state, by severity, and the one that is open beside them. */
export function AlertList() {
  const { alert: open, state, kind, company } = useSearch({ from: '/frame/alerts' });
  const setSearch = useSetSearch();
  const wanted = state && state in STATES ? (state as Alert['state']) : 'open';
  const only = kind && kind in KINDS ? (kind as Kind) : undefined;
  const asked = { state: wanted, kind: only, company_id: company };
  const list = useInfiniteQuery({
    ...alertsList(asked),
    placeholderData: keepPreviousData,
  });
  const groups = grouped(list.data?.pages.flatMap(({ items }) => items) ?? []);
  const rows = groups.flatMap(([, items]) => items);
  useRowSteps(
    'alert',
    rows.map(({ id }) => id),
    open,
    (alert) => setSearch({ alert }, true),
  );
  const tables = (
    <Loaded query={list} what="the alerts" size="l">
      {(found) => (
        <Stack>
          {groups.map(([severity, items]) => (
            <Card key={severity}>
              <CardHead title={SEVERITIES[severity]} sub={counted(items.length)} />
              <CardBody>
                <RowList
                  label={`${SEVERITIES[severity]} alerts`}
                  rows={items.map((alert) => ({
                    key: String(alert.id),
                    isCurrent: alert.id === open,
                    text: (
                      <TextButton onClick={() => setSearch({ alert: alert.id }, true)}>
                        {`${alert.company}: ${kindText(alert.kind).toLowerCase()}`}
                      </TextButton>
                    ),
                    note: `${alert.says} Since ${formatDate(alert.opened_at.slice(0, 10))}.`,
                  }))}
                />
              </CardBody>
            </Card>
          ))}
          {rows.length === 0 && <Nothing state={wanted} />}
          {list.hasNextPage && (
            <Stack>
              <Note>{`These are the first ${rows.length} of ${found.pages[0]?.total ?? 0}.`}</Note>
              <Button variant="default" size="xs" onClick={() => void list.fetchNextPage()}>
                Load more
              </Button>
            </Stack>
          )}
        </Stack>
      )}
    </Loaded>
  );
  return (
    <>
      <FilterBar label="Filters">
        <Select
          aria-label="State"
          allowDeselect={false}
          data={Object.entries(STATES).map(([value, label]) => ({ value, label }))}
          value={wanted}
          onChange={(value) => setSearch({ state: value ?? undefined, alert: undefined }, true)}
        />
        <Select
          aria-label="Kind"
          placeholder="All kinds"
          clearable
          data={Object.entries(KINDS).map(([value, label]) => ({ value, label }))}
          value={only ?? null}
          onChange={(value) => setSearch({ kind: value ?? undefined, alert: undefined }, true)}
        />
        <EntitySelect
          label="Company"
          hideLabel
          name="companies"
          placeholder="All companies"
          clearable
          load={searchBy('/api/v1/companies')}
          value={company === undefined ? '' : String(company)}
          onChange={(value) =>
            setSearch({ company: value ? Number(value) : undefined, alert: undefined }, true)
          }
        />
        <ExportButton href={alertsHref(asked)} isEmpty={list.data?.pages[0]?.total === 0}>
          CSV
        </ExportButton>
      </FilterBar>
      {open === undefined ? (
        tables
      ) : (
        <MainAside>
          {tables}
          <AlertCard id={open} onClose={() => setSearch({ alert: undefined }, true)} />
        </MainAside>
      )}
    </>
  );
}

/** The alerts of each severity, the worst first, in each the newest first. */
function grouped(alerts: Alert[]): [Alert['severity'], Alert[]][] {
  return (Object.keys(SEVERITIES) as Alert['severity'][])
    .map((severity): [Alert['severity'], Alert[]] => [
      severity,
      alerts
        .filter((alert) => alert.severity === severity)
        .sort((one, other) => other.opened_at.localeCompare(one.opened_at) || other.id - one.id),
    ])
    .filter(([, items]) => items.length > 0);
}

const counted = (count: number): string => (count === 1 ? '1 alert' : `${count} alerts`);

function Nothing({ state }: { state: Alert['state'] }) {
  return state === 'open' ? (
    <EmptyBlock
      title="Nothing to look at"
      hint="Breaches, payments off their forecast or missing, and what your rules find come here."
    />
  ) : (
    <EmptyBlock title="None of these" hint="Choose another state, kind or company." />
  );
}
