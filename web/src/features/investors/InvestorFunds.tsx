import { useQueries, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useFundNames } from '@/api/funds';
import { performanceQuery } from '@/api/performance';
import type { Decimal, Performance } from '@/api/types';
import { type Column, DataTable, EmptyBlock, Figure, Irr, Loaded, useCut } from '@/ui';
import { commitmentsQuery } from './queries';

interface Row {
  fund_id: number;
  fund: string;
  /** The key of its figures: this investor in this fund. */
  id: string;
  figures: Performance | undefined;
}

/** The investor's figures in each of their funds, which may have different currencies. */
export function InvestorFunds({ investorId }: { investorId: string }) {
  const cut = useCut();
  const commitments = useQuery(commitmentsQuery(investorId, cut));
  const funds = [...new Set((commitments.data ?? []).map((row) => row.fund_id))];
  const fundName = useFundNames(funds);
  const figures = useQueries({
    queries: funds.map((fund) => performanceQuery('investors', `${investorId}@${fund}`, cut)),
  });
  const rows = funds.map((fund, index) => ({
    fund_id: fund,
    fund: fundName(fund),
    id: `${investorId}@${fund}`,
    figures: figures[index]?.data,
  }));
  return (
    <Loaded query={commitments} what="the funds" size="m">
      {() => (
        <DataTable
          data={rows}
          columns={COLUMNS}
          label="Funds of this investor"
          fileName="investor-funds"
          rowId={(row) => String(row.fund_id)}
          heading={{ title: 'By fund', sub: 'In the currency of each' }}
          empty={<EmptyBlock title="In no fund yet" hint="A commitment to a fund shows here." />}
        />
      )}
    </Loaded>
  );
}

type MoneyField = 'committed' | 'paid_in' | 'distributed' | 'nav';

function money(id: MoneyField, label: string, narrow = false): Column<Row> {
  return {
    id,
    accessorFn: (row): Decimal | null | undefined => row.figures?.net?.[id],
    size: 120,
    meta: { label, align: 'right', narrow },
    cell: ({ row: { original: row } }) => (
      <Figure
        kind="money"
        value={row.figures?.net?.[id]}
        reason={row.figures?.net?.reasons[id]}
        money={{ currency: row.figures?.currency ?? undefined, unit: 'm' }}
        explain={{ subject: 'investors', id: row.id, field: `net.${id}` }}
      />
    ),
  };
}

const COLUMNS: Column<Row>[] = [
  {
    id: 'fund',
    accessorKey: 'fund',
    size: 240,
    meta: { label: 'Fund', narrow: true },
    cell: ({ row: { original: row } }) => (
      <Link to="/funds/$fundId" params={{ fundId: String(row.fund_id) }}>
        {row.fund}
      </Link>
    ),
  },
  money('committed', 'Committed'),
  money('paid_in', 'Paid in'),
  money('distributed', 'Distributed'),
  {
    id: 'tvpi',
    accessorFn: (row) => row.figures?.net?.tvpi,
    size: 90,
    meta: { label: 'TVPI', align: 'right', narrow: true },
    cell: ({ row: { original: row } }) => (
      <Figure
        kind="multiple"
        value={row.figures?.net?.tvpi}
        reason={row.figures?.net?.reasons.tvpi}
        explain={{ subject: 'investors', id: row.id, field: 'net.tvpi' }}
        tone
      />
    ),
  },
  {
    id: 'irr',
    accessorFn: (row) => row.figures?.net?.irr.rate,
    size: 96,
    meta: { label: 'Net IRR', align: 'right' },
    cell: ({ row: { original: row } }) => (
      <Irr value={row.figures?.net?.irr} explain={{ subject: 'investors', id: row.id, field: 'net.irr' }} />
    ),
  },
  money('nav', 'NAV', true),
];
