import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useMay } from '@/api/abilities';
import { everyRow } from '@/api/lists';
import type { Investor, Page } from '@/api/types';
import { Button, type Column, DataTable, EmptyBlock, IconPlus, Loaded, PageHead, useServerList } from '@/ui';
import { kindText } from './kinds';
import { NewInvestor } from './NewInvestor';
import { fetchInvestors, investorsList } from './queries';

const COLUMNS: Column<Investor>[] = [
  {
    id: 'name',
    accessorKey: 'name',
    size: 300,
    meta: { label: 'Investor', sort: 'name', narrow: true },
    cell: ({ row: { original: investor } }) => (
      <Link to="/investors/$investorId" params={{ investorId: String(investor.id) }}>
        {investor.name}
      </Link>
    ),
  },
  {
    id: 'kind',
    accessorFn: (row) => kindText(row.kind),
    size: 180,
    meta: { label: 'Kind', sort: 'kind', narrow: true },
  },
  { id: 'country', accessorKey: 'country', size: 180, meta: { label: 'Country', sort: 'country' } },
  { id: 'email', accessorKey: 'email', size: 240, meta: { label: 'E-mail', sort: false } },
];

/** Who provides the capital. */
export default function InvestorsPage() {
  const { q, sort } = useSearch({ from: '/frame/investors' });
  const query = { q, sort };
  const list = useInfiniteQuery({ ...investorsList(query), placeholderData: keepPreviousData });
  const all = () => everyRow((page) => fetchInvestors({ ...query, ...page }));
  const { rows, first, server } = useServerList<Investor, Page<Investor>>(list, { q, sort }, all);
  const mayChange = useMay('investor.create');
  const [adding, setAdding] = useState(false);
  const none = first?.total === 0 && !q;
  return (
    <>
      <PageHead
        title="Investors"
        sub="Who provides the capital"
        right={
          mayChange && (
            <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
              Add an investor
            </Button>
          )
        }
      />
      <Loaded query={list} what="the investors" size="l">
        {() => (
          <DataTable
            data={rows}
            columns={COLUMNS}
            label="Investors"
            fileName="investors"
            rowId={(row) => String(row.id)}
            server={server}
            empty={
              none && (
                <EmptyBlock
                  title="No investors yet"
                  hint="They come in with a full ledger file, each with their commitments and flows."
                />
              )
            }
          />
        )}
      </Loaded>
      <NewInvestor opened={adding} onClose={() => setAdding(false)} />
    </>
  );
}
