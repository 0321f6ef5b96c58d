import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { fundQuery } from '@/api/funds';
import { performanceQuery, seriesQuery } from '@/api/performance';
import type { Fund, Performance } from '@/api/types';
import { formatDate, humanise } from '@/lib/format';
import {
  ButtonLink,
  ErrorBlock,
  HistoryCard,
  IconPlus,
  IconReportMoney,
  Loaded,
  May,
  PageHead,
  Stack,
  useCut,
} from '@/ui';
import { useMay } from '@/api/abilities';
import { CapitalActivity } from './CapitalActivity';
import { FundKpis } from './FundKpis';
import { FundHoldings } from './FundHoldings';
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
              search={{ fund: Number(fundId) }}
            >
              Ledger
            </ButtonLink>
            {mayRecord && (
              <ButtonLink
                leftSection={<IconPlus size={16} />}
                to="/ledger"
                search={{ fund: Number(fundId), new: true }}
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
        <HistoryCard query={series} currency={fund.data?.currency} of="fund" />
        <FundHoldings fundId={fundId} />
        <ValueByCompany fundId={fundId} currency={fund.data?.currency} />
        <May operation="capital.read">
          <CapitalActivity fundId={fundId} />
        </May>
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
