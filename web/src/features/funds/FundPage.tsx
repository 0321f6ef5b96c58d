import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { performanceQuery, seriesQuery } from '@/api/performance';
import type { Fund, Performance } from '@/api/types';
import { formatDate, humanise } from '@/lib/format';
import {
  ButtonLink,
  Card,
  EmptyBlock,
  ErrorBlock,
  IconPlus,
  IconReportMoney,
  LoadingBlock,
  Loaded,
  NavChart,
  PageHead,
  Stack,
  useCut,
} from '@/ui';
import { useMay } from '@/api/abilities';
import { CapitalActivity } from './CapitalActivity';
import { FundKpis } from './FundKpis';
import { FundHoldings } from './FundHoldings';
import { fundQuery } from './queries';
import { ValueByCompany } from './ValueByCompany';

/** One fund: its key figures, how they came about, what it holds and what moved. */
export default function FundPage() {
  const { fundId } = useParams({ from: '/frame/funds/$fundId' });
  const cut = useCut();
  const fund = useQuery(fundQuery(fundId));
  const performance = useQuery(performanceQuery('funds', fundId, cut));
  const series = useQuery(seriesQuery('funds', fundId, cut));
  const mayRecord = useMay('capital.change');
  if (fund.isError)
    return <ErrorBlock error={fund.error} what="this fund" onRetry={() => void fund.refetch()} />;
  return (
    <>
      <PageHead
        title={fund.data?.name ?? 'Fund'}
        crumbs={<Link to="/funds">Funds</Link>}
        sub={fund.data && subtitle(fund.data, performance.data)}
        right={
          <>
            <ButtonLink
              variant="default"
              leftSection={<IconReportMoney size={16} />}
              to="/ledger"
              search={{ fund: fundId }}
            >
              Ledger
            </ButtonLink>
            {mayRecord && (
              <ButtonLink
                leftSection={<IconPlus size={16} />}
                to="/ledger"
                search={{ fund: fundId, new: true }}
              >
                Record an entry
              </ButtonLink>
            )}
          </>
        }
      />
      <Stack>
        <Loaded query={performance} what="key figures" size="s">
          {(figures) => <FundKpis fundId={fundId} figures={figures} series={series.data ?? []} />}
        </Loaded>
        <Card>
          {series.isError ? (
            <ErrorBlock error={series.error} what="the history" onRetry={() => void series.refetch()} />
          ) : !series.data || !fund.data ? (
            <LoadingBlock size="m" label="the history" />
          ) : series.data.length === 0 ? (
            <EmptyBlock
              title="No history yet"
              hint="The chart begins with the first call, distribution or reported NAV."
            />
          ) : (
            <NavChart series={series.data} currency={fund.data.currency} />
          )}
        </Card>
        <FundHoldings fundId={fundId} currency={fund.data?.currency} />
        <ValueByCompany fundId={fundId} currency={fund.data?.currency} />
        <CapitalActivity fundId={fundId} />
      </Stack>
    </>
  );
}

function subtitle(fund: Fund, figures: Performance | undefined): string {
  const basis = figures?.net?.before_carry ? 'net of fees, before carry' : 'net of fees and carry';
  const parts = [
    humanise(fund.strategy),
    fund.vintage_year && `vintage ${fund.vintage_year}`,
    fund.currency,
    figures && `as of ${formatDate(figures.as_of)}`,
    figures && basis,
  ];
  return parts.filter(Boolean).join(' · ');
}
