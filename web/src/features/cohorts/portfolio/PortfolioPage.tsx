import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { searchBy } from '@/api/entities';
import { fundQuery } from '@/api/funds';
import type { CohortPortfolio, TradeShown } from '@/api/types';
import {
  ButtonLink,
  Card,
  DataTable,
  ExportButton,
  EmptyBlock,
  EntitySelect,
  Halves,
  Loaded,
  PageHead,
  SegmentedControl,
  type ServerFacet,
  Stack,
  useCut,
  useServerList,
  useSetSearch,
} from '@/ui';
import { STATE_WORDS, type TradeState } from '../words';
import { totalsRows, tradeColumns } from './columns';
import { ConcentrationChart } from './ConcentrationChart';
import { PortfolioKpis } from './PortfolioKpis';
import { portfolioHref, portfolioQuery, type TradesFilter, tradesList, type TradesPage } from './queries';
import { VintageChart } from './VintageChart';

/** Every trade of a fund, or of the firm: what was paid out, what came back, and what it hangs on. */
export default function PortfolioPage() {
  const { fund } = useSearch({ from: '/frame/cohorts' });
  const setSearch = useSetSearch();
  const cut = useCut();
  const asked = { fund_id: fund, ...cut };
  const whole = useQuery(portfolioQuery(asked));
  const chosen = useQuery({ ...fundQuery(String(fund)), enabled: fund !== undefined });
  return (
    <>
      <PageHead
        title="Trades"
        sub="What the fund paid for customers, what it has back, and how far the caps are"
        right={
          (fund === undefined || chosen.data) && (
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
              onChange={(id) => setSearch({ fund: id ? Number(id) : undefined, company: undefined }, true)}
            />
          )
        }
      />
      <Loaded query={whole} what="the trades" size="l">
        {(data) => (data.trades.length === 0 ? <NoTrades /> : <Portfolio data={data} asked={asked} />)}
      </Loaded>
    </>
  );
}

function NoTrades() {
  return (
    <Card>
      <EmptyBlock
        title="No trades yet"
        hint="A trade says what the fund pays of a month’s spend and collects from its customers’ payments. It is recorded with a company’s cohorts."
        action={<ButtonLink to="/companies">Choose a company</ButtonLink>}
      />
    </Card>
  );
}

interface Props {
  data: CohortPortfolio;
  asked: Parameters<typeof portfolioQuery>[0];
}

function Portfolio({ data, asked }: Props) {
  const { currency } = useSearch({ from: '/frame/cohorts' });
  const setSearch = useSetSearch();
  const totals = data.currencies.find((one) => one.currency === currency) ?? data.currencies[0]!;
  return (
    <Stack>
      {data.currencies.length > 1 && (
        <SegmentedControl
          aria-label="Currency of the figures"
          data={data.currencies.map((one) => one.currency)}
          value={totals.currency}
          onChange={(value) => setSearch({ currency: value }, true)}
        />
      )}
      <PortfolioKpis totals={totals} />
      <Halves>
        <Card>
          <VintageChart vintages={totals.vintages} />
        </Card>
        <Card>
          <ConcentrationChart totals={totals} />
        </Card>
      </Halves>
      <TradesTable data={data} asked={asked} />
    </Stack>
  );
}

/** The trades themselves: searched, filtered, sorted and totalled by the server. */
function TradesTable({ data, asked }: Props) {
  const { q, sort, company, state } = useSearch({ from: '/frame/cohorts' });
  const setSearch = useSetSearch();
  const filter: TradesFilter = {
    q,
    sort,
    company_id: company?.split(',').map(Number),
    state: state?.split(',') as TradeState[] | undefined,
  };
  const list = useInfiniteQuery({ ...tradesList(asked, filter), placeholderData: keepPreviousData });
  const companies = new Map(data.trades.map((one) => [String(one.company_id), one.company]));
  const facets: ServerFacet[] = [
    {
      id: 'company',
      label: 'Company',
      options: [...companies].map(([value, label]) => ({ value, label })),
      value: company?.split(',') ?? [],
      onChange: (value) => setSearch({ company: value.join(',') || undefined }, true),
    },
    {
      id: 'state',
      label: 'State',
      options: Object.entries(STATE_WORDS).map(([value, { label }]) => ({ value, label })),
      value: state?.split(',') ?? [],
      onChange: (value) => setSearch({ state: value.join(',') || undefined }, true),
    },
  ];
  const all = async () => list.data?.pages.flatMap((page) => page.items) ?? [];
  const { rows, first, server } = useServerList<TradeShown, TradesPage>(list, { q, sort }, all, facets);
  return (
    <Loaded query={list} what="the trades" size="l">
      {() => (
        <DataTable
          data={rows}
          columns={tradeColumns(
            data.trades,
            data.currencies.map((one) => one.currency),
          )}
          label="Trades"
          fileName="trades"
          rowId={(row) => String(row.trade_id)}
          heading={{ title: 'All trades', sub: 'The totals are of what is shown' }}
          server={server}
          totals={totalsRows(first?.totals ?? [], data.trades)}
          actions={
            <ExportButton href={portfolioHref(asked, filter, 'xlsx')} isEmpty={server.total === 0}>
              XLSX
            </ExportButton>
          }
        />
      )}
    </Loaded>
  );
}
