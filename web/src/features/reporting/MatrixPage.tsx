import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { searchBy } from '@/api/entities';
import { fundQuery } from '@/api/funds';
import { humanise, periodText } from '@/lib/format';
import {
  Actions,
  ButtonLink,
  Card,
  DataTable,
  EmptyBlock,
  ExportButton,
  EntitySelect,
  FilterBar,
  Loaded,
  MultiSelect,
  PageHead,
  SegmentedControl,
  Select,
  type ServerFacet,
  type ServerList,
  sortedBy,
  useCut,
  useSetSearch,
} from '@/ui';
import { useCurrencyChoices } from './currencyChoices';
import { KINDS } from './figures';
import { arranged, periodSays, STATUSES } from './matrix';
import { matrixColumns } from './matrixColumns';
import { MatrixLegend } from './MatrixLegend';
import {
  definitionsQuery,
  figureAlertsQuery,
  type Matrix,
  type MatrixAsked,
  type MatrixCompany,
  matrixHref,
  matrixQuery,
} from './queries';
import classes from './reporting.module.css';

/** The list's own order. */
const OWN_ORDER = 'name';

/** Every company's figures side by side: value, trend, and how it stands against the plan and the firm's rules. */
export default function MatrixPage() {
  const { fund, kind = 'quarter', at, currency, metrics } = useSearch({ from: '/frame/reporting' });
  const { known_at } = useCut();
  const setSearch = useSetSearch();
  const asked: MatrixAsked = { period: at ?? kind, fund, currency, metric: metrics?.split(','), known_at };
  const query = useQuery({ ...matrixQuery(asked), placeholderData: keepPreviousData });
  const chosen = useQuery({ ...fundQuery(String(fund)), enabled: fund !== undefined });
  const codes = useCurrencyChoices();
  const definitions = useQuery(definitionsQuery).data ?? [];
  const found = query.data;
  const isEmpty = found && found.companies.length === 0;
  return (
    <>
      <PageHead
        title="KPI matrix"
        sub={found?.period ? periodSays(found.period) : 'What the companies report, side by side'}
        right={
          <Actions>
            <ButtonLink to="/reporting/compare" search={{ kind, currency }} variant="default">
              Compare
            </ButtonLink>
            <ExportButton href={matrixHref(asked, 'csv')} isEmpty={isEmpty}>
              CSV
            </ExportButton>
            <ExportButton href={matrixHref(asked, 'xlsx')} isEmpty={isEmpty}>
              XLSX
            </ExportButton>
          </Actions>
        }
      />
      <FilterBar label="What is shown">
        <SegmentedControl
          className={classes.wide}
          aria-label="Periods of"
          data={Object.entries(KINDS).map(([value, label]) => ({ value, label }))}
          value={kind}
          onChange={(value) =>
            setSearch({ kind: value === 'quarter' ? undefined : value, at: undefined }, true)
          }
        />
        <Select
          aria-label="Period"
          placeholder="Newest period"
          clearable
          disabled={kind === 'ltm'}
          data={[...(found?.periods ?? [])]
            .reverse()
            .map(({ period }) => ({ value: period, label: periodText(period) }))}
          value={at ?? null}
          onChange={(value) => setSearch({ at: value ?? undefined }, true)}
        />
        <Select
          aria-label="Currency"
          placeholder="Own currencies"
          clearable
          searchable
          data={codes}
          value={currency ?? null}
          onChange={(value) => setSearch({ currency: value ?? undefined }, true)}
        />
        {(fund === undefined || chosen.data) && (
          <EntitySelect
            key={fund ?? 'all'}
            label="Fund"
            name="fund"
            hideLabel
            clearable
            placeholder="All funds"
            load={searchBy('/api/v1/funds')}
            value={fund ? String(fund) : ''}
            initial={chosen.data && { value: String(chosen.data.id), label: chosen.data.name }}
            onChange={(id) => setSearch({ fund: id ? Number(id) : undefined }, true)}
          />
        )}
        <MultiSelect
          className={classes.row}
          aria-label="Metrics"
          placeholder={metrics ? undefined : 'Choose metrics'}
          searchable
          clearable
          maxValues={12}
          data={definitions.map(({ key, label }) => ({ value: key, label }))}
          value={metrics?.split(',') ?? []}
          onChange={(value) => setSearch({ metrics: value.join(',') || undefined }, true)}
        />
      </FilterBar>
      <Loaded query={query} what="the matrix" size="l">
        {(data) =>
          data.companies.length === 0 ? (
            <Card>
              <EmptyBlock
                title="No figures here yet"
                hint="Companies report by request, by file or through the API; what they report stands here side by side."
                action={<ButtonLink to="/companies">Choose a company</ButtonLink>}
              />
            </Card>
          ) : (
            <MatrixTable data={data} />
          )
        }
      </Loaded>
    </>
  );
}

function MatrixTable({ data }: { data: Matrix }) {
  const { q, sort, sector, status } = useSearch({ from: '/frame/reporting' });
  const setSearch = useSetSearch();
  const [text, setText] = useState(q ?? '');
  const noted = useQuery(figureAlertsQuery).data;
  const alerts = useMemo(() => noted ?? new Map<string, string>(), [noted]);
  const filter = { q, sort, sector: sector?.split(','), status: status?.split(',') };
  const rows = arranged(data.companies, filter, alerts);
  const columns = useMemo(() => matrixColumns(data, alerts), [data, alerts]);
  const sectors = [...new Set(data.companies.flatMap((one) => one.sector ?? []))].sort();
  const facets: ServerFacet[] = [
    {
      id: 'status',
      label: 'State',
      options: [...Object.entries(STATUSES), ['alert', 'alert'] as const].map(([value, label]) => ({
        value,
        label: humanise(label),
      })),
      value: filter.status ?? [],
      onChange: (value) => setSearch({ status: value.join(',') || undefined }, true),
    },
    {
      id: 'sector',
      label: 'Sector',
      options: sectors.map((value) => ({ value, label: humanise(value) })),
      value: filter.sector ?? [],
      onChange: (value) => setSearch({ sector: value.join(',') || undefined }, true),
    },
  ];
  const server: ServerList<MatrixCompany> = {
    total: data.companies.length,
    sort: sort ?? OWN_ORDER,
    onSort: (field) => setSearch(sortedBy(field, OWN_ORDER), true),
    search: text,
    onSearch: (value) => {
      setText(value);
      setSearch({ q: value.trim() || undefined }, true);
    },
    facets,
    hasMore: false,
    onMore: () => undefined,
    loading: false,
    all: async () => rows,
  };
  return (
    <>
      <DataTable
        data={rows}
        columns={columns}
        label="KPI matrix"
        rowId={(row) => String(row.company_id)}
        server={server}
      />
      <MatrixLegend />
    </>
  );
}
