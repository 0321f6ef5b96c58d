import type { Transaction } from '@/api/types';
import { useQuery } from '@tanstack/react-query';
import { formatMoney, humanise } from '@/lib/format';
import { Card, CardHead, EmptyBlock, FactButton, Loaded, Timeline, useCut } from '@/ui';
import { transactionsQuery } from './queries';

/** What was bought, sold and received. */
export function History({ companyId }: { companyId: string }) {
  const transactions = useQuery(transactionsQuery(companyId, useCut()));
  return (
    <Card>
      <CardHead title="Transactions" sub="Newest first" />
      <Loaded query={transactions} what="the transactions" size="m">
        {(rows) =>
          rows.length === 0 ? (
            <EmptyBlock title="No transactions yet" hint="The first purchase is recorded as an investment." />
          ) : (
            <Timeline label="Transactions" items={rows.map(item)} />
          )
        }
      </Loaded>
    </Card>
  );
}

const item = (row: Transaction) => ({
  key: String(row.id),
  on: row.transacted_on,
  title: (
    <FactButton record="transactions" id={row.id}>
      {humanise(row.kind)}, {formatMoney(row.amount, { currency: row.currency })}
    </FactButton>
  ),
  detail: row.memo,
});
