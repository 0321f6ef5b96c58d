import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { searchBy } from '@/api/entities';
import { formatPercent, periodText } from '@/lib/format';
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
  PageHead,
  RowList,
  Select,
  Stack,
  StatusPill,
  TextButton,
  useRowSteps,
  useSetSearch,
} from '@/ui';
import { figureLine, useLabels } from './labels';
import { inboxHref, inboxList, type SentValue } from './queries';
import { ValueCard } from './ValueCard';
import { DECISIONS } from './words';

const STRONG = 0.4;

/** What companies sent, one value after the other, decided by keys alone. */
export default function InboxPage() {
  const { value: open, state, company } = useSearch({ from: '/frame/inbox' });
  const setSearch = useSetSearch();
  const { labelOf, unitOf } = useLabels();
  const wanted = state && state in DECISIONS ? (state as SentValue['state']) : 'submitted';
  const asked = { state: wanted, company_id: company };
  const list = useInfiniteQuery({
    ...inboxList(asked),
    placeholderData: keepPreviousData,
  });
  const rows = list.data?.pages.flatMap(({ items }) => items) ?? [];
  const at = rows.findIndex(({ id }) => id === open);
  const go = (to: number) => setSearch({ value: rows[to]?.id }, true);
  useRowSteps(
    'value',
    rows.map(({ id }) => id),
    open,
    (value) => setSearch({ value }, true),
  );
  const tables = (
    <Loaded query={list} what="the inbox" size="l">
      {(found) => (
        <Stack>
          {rows.length === 0 ? (
            <Nothing isOpen={wanted === 'submitted'} />
          ) : (
            <Card>
              <CardHead title={DECISIONS[wanted]} sub={counted(found.pages[0]?.total ?? rows.length)} />
              <CardBody>
                <RowList
                  label="Submitted values"
                  rows={rows.map((one) => ({
                    key: String(one.id),
                    isCurrent: one.id === open,
                    text: (
                      <TextButton onClick={() => setSearch({ value: one.id }, true)}>
                        {`${one.company}, ${periodText(one.period)}: ${labelOf(one.metric)}`}
                      </TextButton>
                    ),
                    note: figureLine(one, unitOf(one.metric)),
                    right: isStrong(one) && (
                      <StatusPill tone="warn">
                        {formatPercent(one.figures.change, { dp: 0, sign: true })}
                      </StatusPill>
                    ),
                  }))}
                />
              </CardBody>
            </Card>
          )}
          {list.hasNextPage && (
            <Button variant="default" size="xs" onClick={() => void list.fetchNextPage()}>
              Load more
            </Button>
          )}
        </Stack>
      )}
    </Loaded>
  );
  const chosen = rows[at];
  return (
    <>
      <PageHead
        title="Inbox"
        sub="What companies sent. j and k move, a approves, e corrects the figure, r sends it back, c adds a comment."
      />
      <FilterBar label="Filters">
        <Select
          aria-label="State"
          allowDeselect={false}
          data={Object.entries(DECISIONS).map(([value, label]) => ({ value, label }))}
          value={wanted}
          onChange={(value) => setSearch({ state: value ?? undefined, value: undefined }, true)}
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
            setSearch({ company: value ? Number(value) : undefined, value: undefined }, true)
          }
        />
        <ExportButton href={inboxHref(asked)} isEmpty={list.data?.pages[0]?.total === 0}>
          CSV
        </ExportButton>
      </FilterBar>
      {chosen ? (
        <MainAside>
          {tables}
          <ValueCard
            key={chosen.id}
            value={chosen}
            label={labelOf(chosen.metric)}
            unit={unitOf(chosen.metric)}
            onDone={() => go(at + 1 < rows.length ? at + 1 : at - 1)}
            onClose={() => setSearch({ value: undefined }, true)}
          />
        </MainAside>
      ) : (
        tables
      )}
    </>
  );
}

const isStrong = ({ figures }: SentValue): boolean => Math.abs(Number(figures.change ?? 0)) >= STRONG;

const counted = (count: number): string => (count === 1 ? '1 value' : `${count} values`);

function Nothing({ isOpen }: { isOpen: boolean }) {
  return isOpen ? (
    <EmptyBlock title="Nothing to decide" hint="What companies send through their forms comes here." />
  ) : (
    <EmptyBlock title="None of these" hint="Choose another state or company." />
  );
}
