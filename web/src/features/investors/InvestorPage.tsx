import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { performanceQuery } from '@/api/performance';
import { formatDate } from '@/lib/format';
import { ErrorBlock, Loaded, PageHead, Stack, useCut } from '@/ui';
import { Commitments } from './Commitments';
import { InvestorFunds } from './InvestorFunds';
import { InvestorKpis } from './InvestorKpis';
import { kindText } from './kinds';
import { investorQuery } from './queries';

/** One investor: what was promised, paid in and got back, over all funds. */
export default function InvestorPage() {
  const { investorId } = useParams({ from: '/frame/investors/$investorId' });
  const investor = useQuery(investorQuery(investorId));
  const performance = useQuery(performanceQuery('investors', investorId, useCut()));
  if (investor.isError)
    return <ErrorBlock error={investor.error} what="this investor" onRetry={() => void investor.refetch()} />;
  const parts = [
    investor.data && kindText(investor.data.kind),
    investor.data?.country,
    performance.data && `as of ${formatDate(performance.data.as_of)}`,
  ];
  return (
    <>
      <PageHead
        title={investor.data?.name ?? 'Investor'}
        crumbs={<Link to="/investors">Investors</Link>}
        sub={parts.filter(Boolean).join(' · ')}
      />
      <Stack>
        <Loaded query={performance} what="key figures" size="s">
          {(figures) => figures.net && <InvestorKpis investorId={investorId} figures={figures} />}
        </Loaded>
        <InvestorFunds investorId={investorId} />
        <Commitments investorId={investorId} />
      </Stack>
    </>
  );
}
