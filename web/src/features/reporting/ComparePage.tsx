import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import {
  Card,
  EmptyBlock,
  FilterBar,
  Loaded,
  MultiSelect,
  PageHead,
  SegmentedControl,
  Select,
  useCut,
  useSetSearch,
} from '@/ui';
import { CompareChart } from './CompareChart';
import { useCurrencyChoices } from './currencyChoices';
import { KINDS } from './figures';
import { compareQuery, definitionsQuery, matrixQuery } from './queries';
import classes from './reporting.module.css';

const MOST = 6;

/** One metric of two to six companies, or of their sectors, over time: as it is, or from a common start. */
export default function ComparePage() {
  const search = useSearch({ from: '/frame/reporting/compare' });
  const { metric = 'revenue', kind = 'quarter', shown, by } = search;
  const { known_at } = useCut();
  const setSearch = useSetSearch();
  const known = useQuery(matrixQuery({ period: kind, metric: ['revenue'], known_at }));
  const companies = known.data?.companies ?? [];
  // Money is compared in one currency: that of the first company where none is chosen.
  const currency = search.currency ?? companies[0]?.currency;
  const first = companies.slice(0, 3).map(({ company_id }) => company_id);
  const chosen = search.companies?.split(',').map(Number) ?? first;
  const bySector = by === 'sector';
  const query = useQuery({
    ...compareQuery({
      metric,
      period: kind,
      company: bySector ? undefined : chosen,
      currency,
      by: by ?? 'company',
      known_at,
    }),
    enabled: known.data !== undefined && currency !== undefined && (bySector || chosen.length > 0),
    placeholderData: keepPreviousData,
  });
  const definitions = useQuery(definitionsQuery).data ?? [];
  const codes = useCurrencyChoices(currency);
  return (
    <>
      <PageHead
        title="Compare"
        crumbs={<Link to="/reporting">KPI matrix</Link>}
        sub="One metric of several companies, or of their sectors, over time"
      />
      <FilterBar label="What is compared">
        <SegmentedControl
          aria-label="Compared"
          data={[
            { value: 'company', label: 'Companies' },
            { value: 'sector', label: 'Sectors' },
          ]}
          value={by ?? 'company'}
          onChange={(value) => setSearch({ by: value === 'sector' ? value : undefined }, true)}
        />
        <Select
          aria-label="Metric"
          allowDeselect={false}
          searchable
          data={definitions.map(({ key, label }) => ({ value: key, label }))}
          value={metric}
          onChange={(value) => setSearch({ metric: value ?? undefined }, true)}
        />
        <SegmentedControl
          className={classes.wide}
          aria-label="Periods of"
          data={Object.entries(KINDS).map(([value, label]) => ({ value, label }))}
          value={kind}
          onChange={(value) => setSearch({ kind: value === 'quarter' ? undefined : value }, true)}
        />
        <Select
          aria-label="Currency"
          allowDeselect={false}
          searchable
          data={codes}
          value={currency ?? null}
          onChange={(value) => setSearch({ currency: value ?? undefined }, true)}
        />
        <SegmentedControl
          aria-label="Shown as"
          data={[
            { value: 'absolute', label: 'As it is' },
            { value: 'indexed', label: 'From 100' },
          ]}
          value={shown ?? 'absolute'}
          onChange={(value) => setSearch({ shown: value === 'indexed' ? value : undefined }, true)}
        />
        {!bySector && (
          <MultiSelect
            className={classes.row}
            aria-label="Companies"
            searchable
            maxValues={MOST}
            data={companies.map(({ company_id, name }) => ({ value: String(company_id), label: name }))}
            value={chosen.map(String)}
            onChange={(value) => setSearch({ companies: value.join(',') || undefined }, true)}
          />
        )}
      </FilterBar>
      <Loaded query={known} what="the companies" size="l">
        {() =>
          companies.length === 0 ? (
            <Card>
              <EmptyBlock
                title="Nothing to compare yet"
                hint="No company has reported figures by these periods."
              />
            </Card>
          ) : (
            <Loaded query={query} what="the comparison" size="l">
              {(found) => <CompareChart data={found} indexed={shown === 'indexed'} bySector={bySector} />}
            </Loaded>
          )
        }
      </Loaded>
    </>
  );
}
