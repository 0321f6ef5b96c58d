import { useQuery } from '@tanstack/react-query';
import { positionsQuery } from '@/api/performance';
import { Loaded, PositionsTable, useCut } from '@/ui';

export function FundHoldings({ fundId }: { fundId: string }) {
  const positions = useQuery(positionsQuery({ fund_id: Number(fundId), ...useCut() }));
  return (
    <Loaded query={positions} what="the holdings" size="m">
      {(data) => <PositionsTable data={data} title="Holdings" by="company" />}
    </Loaded>
  );
}
