import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useFundNames } from '@/api/funds';
import { performanceQuery, positionsQuery, seriesQuery } from '@/api/performance';
import { humanise } from '@/lib/format';
import {
  Actions,
  ButtonLink,
  ErrorBlock,
  Halves,
  HistoryCard,
  Loaded,
  May,
  PageHead,
  PositionsTable,
  Stack,
  useCut,
} from '@/ui';
import { ValueByHolding } from './ValueByHolding';
import { CompanyKpis } from './CompanyKpis';
import { FiscalYears } from './FiscalYears';
import { History } from './History';
import { Marks } from './Marks';
import type { Company } from '@/api/types';
import { companyQuery } from '@/api/companies';
import { Prices } from './Prices';
import { Rounds } from './Rounds';

/** One company: what was put in, what came back, what it is worth, and its rounds and marks. */
export default function CompanyPage() {
  const { companyId } = useParams({ from: '/frame/companies/$companyId' });
  const company = useQuery(companyQuery(companyId));
  if (company.isError)
    return <ErrorBlock error={company.error} what="this company" onRetry={() => void company.refetch()} />;
  return (
    <>
      <PageHead
        title={company.data?.name ?? 'Company'}
        crumbs={<Link to="/companies">Companies</Link>}
        sub={about(company.data).filter(Boolean).join(' · ')}
        right={
          <Actions>
            <May operation="metric.read">
              <ButtonLink to="/companies/$companyId/financials" params={{ companyId }} variant="default">
                Financials
              </ButtonLink>
              <ButtonLink to="/companies/$companyId/kpis" params={{ companyId }} variant="default">
                KPIs
              </ButtonLink>
            </May>
            <May operation="cohort.read">
              <ButtonLink to="/companies/$companyId/cohorts" params={{ companyId }} variant="default">
                Cohorts
              </ButtonLink>
            </May>
          </Actions>
        }
      />
      <Stack>
        <May operation="performance.read">
          <Figures companyId={companyId} currency={company.data?.currency} />
        </May>
        {company.data?.ticker_symbol && <Prices company={company.data} />}
        <Rounds companyId={companyId} />
        <May operation="metric.read">
          <FiscalYears companyId={companyId} />
        </May>
      </Stack>
    </>
  );
}

/** For those who see figures at all: what the firm has in the company. */
function Figures({ companyId, currency }: { companyId: string; currency: string | undefined }) {
  const cut = useCut();
  const performance = useQuery(performanceQuery('companies', companyId, cut));
  const positions = useQuery(positionsQuery({ company_id: Number(companyId), ...cut }));
  const fundName = useFundNames([...new Set((positions.data?.items ?? []).map((row) => row.fund_id))]);
  const series = useQuery(seriesQuery('companies', companyId, cut));
  return (
    <>
      <Loaded query={performance} what="key figures" size="s">
        {(figures) => <CompanyKpis companyId={companyId} figures={figures} />}
      </Loaded>
      <Loaded query={positions} what="the holdings" size="m">
        {(data) => <PositionsTable data={data} title="Holdings" by="fund" />}
      </Loaded>
      <ValueByHolding positions={positions.data} fundName={fundName} />
      <HistoryCard query={series} currency={currency} of="company" />
      <Halves>
        <May operation="valuation.read">
          <Marks
            companyId={companyId}
            holdings={new Map(positions.data?.items.map((row) => [row.holding_id, row.name]))}
          />
        </May>
        <May operation="investment.read">
          <History companyId={companyId} />
        </May>
      </Halves>
    </>
  );
}

function about(company: Company | undefined): (string | null)[] {
  if (!company) return [];
  const listed = company.is_public ? (company.ticker_symbol ?? 'listed') : null;
  return [
    company.sector && humanise(company.sector),
    company.industry,
    company.country,
    listed,
    company.currency,
  ];
}
