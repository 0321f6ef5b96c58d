import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Fund, Page } from '@/api/types';
import { everyRow } from '@/api/lists';
import { humanise } from '@/lib/format';
import { type Column, DataTable, EmptyBlock, Loaded, PageHead, useServerList } from '@/ui';
import { fetchFundNames, fundNames } from './queries';

const COLUMNS: Column<Fund>[] = [
  {
    id: 'name',
    accessorKey: 'name',
    size: 320,
    meta: { label: 'Fund', sort: 'name', narrow: true },
    cell: ({ row: { original: fund } }) => (
      <Link to="/funds/$fundId" params={{ fundId: String(fund.id) }}>
        {fund.name}
      </Link>
    ),
  },
  { id: 'strategy', accessorFn: (fund) => humanise(fund.strategy), size: 160, meta: { label: 'Strategy' } },
  {
    id: 'vintage_year',
    accessorKey: 'vintage_year',
    size: 120,
    meta: { label: 'Vintage', sort: 'vintage_year', align: 'right' },
  },
  {
    id: 'currency',
    accessorKey: 'currency',
    size: 120,
    meta: { label: 'Currency', narrow: true, sort: false },
  },
];

interface Props {
  q?: string;
  sort?: string;
}

/** The funds of those who see single ones: a comparison of all the firm's figures is not theirs. */
export function PlainFunds({ q, sort }: Props) {
  const query = { q, sort };
  const list = useInfiniteQuery(fundNames(query));
  const all = () => everyRow((page) => fetchFundNames({ ...query, ...page }));
  const { rows, server } = useServerList<Fund, Page<Fund>>(list, query, all);
  return (
    <>
      <PageHead title="Funds" sub="The funds you take part in" />
      <Loaded query={list} what="the funds" size="l">
        {() => (
          <DataTable
            data={rows}
            columns={COLUMNS}
            label="Funds"
            fileName="funds"
            rowId={(fund) => String(fund.id)}
            server={server}
            empty={
              q ? undefined : (
                <EmptyBlock title="No fund yet" hint="A fund shows here once it is granted to you." />
              )
            }
          />
        )}
      </Loaded>
    </>
  );
}
