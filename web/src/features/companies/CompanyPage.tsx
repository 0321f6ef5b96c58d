import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { performanceQuery, positionsQuery, seriesQuery } from '@/api/performance';
import { formatDate, humanise } from '@/lib/format';
import { ErrorBlock, Halves, HistoryCard, Loaded, PageHead, PositionsTable, Stack, useCut } from '@/ui';
import { CompanyKpis } from './CompanyKpis';
import { History } from './History';
import { Marks } from './Marks';
import type { Company } from '@/api/types';
import { companyQuery } from './queries';
import { Rounds } from './Rounds';

/** One company: what was put in, what came back, what it is worth, and its rounds and marks. */
export default function CompanyPage() {
  const { companyId } = useParams({ from: '/frame/companies/$companyId' });
  const cut = useCut();
  const company = useQuery(companyQuery(companyId));
  const performance = useQuery(performanceQuery('companies', companyId, cut));
  const positions = useQuery(positionsQuery({ company_id: Number(companyId), ...cut }));
  const series = useQuery(seriesQuery('companies', companyId, cut));
  if (company.isError)
    return <ErrorBlock error={company.error} what="this company" onRetry={() => void company.refetch()} />;
  const asOf = performance.data && `as of ${formatDate(performance.data.as_of)}`;
  return (
    <>
      <PageHead
        title={company.data?.name ?? 'Company'}
        crumbs={<Link to="/companies">Companies</Link>}
        sub={[...about(company.data), asOf].filter(Boolean).join(' · ')}
      />
      <Stack>
        <Loaded query={performance} what="key figures" size="s">
          {(figures) => <CompanyKpis companyId={companyId} figures={figures} />}
        </Loaded>
        <Loaded query={positions} what="the holdings" size="m">
          {(data) => <PositionsTable data={data} title="Holdings" by="fund" />}
        </Loaded>
        <HistoryCard query={series} currency={company.data?.currency} of="company" />
        <Halves>
          <Marks
            companyId={companyId}
            holdings={(positions.data?.items ?? []).map((row) => row.holding_id)}
          />
          <History companyId={companyId} />
        </Halves>
        <Rounds companyId={companyId} />
      </Stack>
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
