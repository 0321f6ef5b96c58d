import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { type FixedUnit, formatDate, tableUnit, unitLabel } from '@/lib/format';
import { type Column, DataTable, EmptyBlock, Figure, Irr, Loaded, NotAvailable, useCut } from '@/ui';
import { type HoldingRow, holdingsQuery } from './queries';

interface Props {
  fundId: string;
  currency: string | undefined;
}

export function FundHoldings({ fundId, currency = 'USD' }: Props) {
  const holdings = useQuery(holdingsQuery(fundId, useCut()));
  const unit = tableUnit((holdings.data?.items ?? []).flatMap((row) => [row.invested, row.fair_value]));
  const columns = useMemo(() => holdingColumns(currency, unit), [currency, unit]);
  return (
    <Loaded query={holdings} what="the holdings" size="m">
      {(page) => (
        <DataTable
          data={page.items}
          columns={columns}
          label="Holdings"
          fileName="holdings"
          rowId={(row) => String(row.id)}
          heading={{ title: 'Holdings', sub: `Amounts in ${unitLabel(currency, unit)}` }}
          empty={
            <EmptyBlock
              title="Nothing held at this date"
              hint="An investment recorded in the ledger shows here from its first day."
            />
          }
        />
      )}
    </Loaded>
  );
}

function holdingColumns(currency: string, unit: FixedUnit): Column<HoldingRow>[] {
  const money = (
    id: 'invested' | 'realised' | 'fair_value',
    label: string,
    narrow = false,
  ): Column<HoldingRow> => ({
    id,
    accessorFn: (row) => row[id],
    size: 112,
    meta: { label, align: 'right', narrow },
    cell: ({ row: { original: row } }) => (
      <Figure kind="money" value={row[id]} reason={row.reasons[id]} money={{ currency, unit, bare: true }} />
    ),
  });
  return [
    {
      id: 'company',
      accessorKey: 'company',
      size: 220,
      meta: { label: 'Company', narrow: true },
      cell: ({ row: { original: row } }) => (
        <Link to="/companies/$companyId" params={{ companyId: String(row.company_id) }}>
          {row.company}
        </Link>
      ),
    },
    { id: 'name', accessorKey: 'name', size: 160, meta: { label: 'Security' } },
    money('invested', 'Cost'),
    money('realised', 'Realised'),
    {
      id: 'moic',
      accessorKey: 'moic',
      size: 84,
      meta: { label: 'MOIC', align: 'right', narrow: true },
      cell: ({ row: { original: row } }) => (
        <Figure kind="multiple" value={row.moic} reason={row.reasons.moic} tone />
      ),
    },
    {
      id: 'irr',
      accessorFn: (row) => row.irr?.rate,
      size: 96,
      sortFn: 'basic',
      meta: { label: 'Gross IRR', align: 'right' },
      cell: ({ row: { original: row } }) => <Irr value={row.irr} />,
    },
    {
      id: 'share_of_nav',
      accessorKey: 'share_of_nav',
      size: 92,
      meta: { label: '% of NAV', align: 'right' },
      cell: ({ row: { original: row } }) => <Figure kind="percent" value={row.share_of_nav} />,
    },
    {
      id: 'marked_on',
      accessorKey: 'marked_on',
      size: 116,
      meta: { label: 'Last mark' },
      cell: ({ row: { original: row } }) =>
        row.marked_on ? formatDate(row.marked_on) : <NotAvailable why="held at cost, no mark yet" />,
    },
    money('fair_value', 'Fair value', true),
  ];
}
