import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useMay } from '@/api/abilities';
import { everyRow } from '@/api/lists';
import type { Company, Page } from '@/api/types';
import { Button, type Column, DataTable, EmptyBlock, IconPlus, Loaded, PageHead, useServerList } from '@/ui';
import { NewCompany } from './NewCompany';
import { companiesList, fetchCompanies } from './queries';

const COLUMNS: Column<Company>[] = [
  {
    id: 'name',
    accessorKey: 'name',
    size: 280,
    meta: { label: 'Company', sort: 'name', narrow: true },
    cell: ({ row: { original: company } }) => (
      <Link to="/companies/$companyId" params={{ companyId: String(company.id) }}>
        {company.name}
      </Link>
    ),
  },
  { id: 'sector', accessorKey: 'sector', size: 180, meta: { label: 'Sector', sort: 'sector', narrow: true } },
  { id: 'industry', accessorKey: 'industry', size: 180, meta: { label: 'Industry', sort: 'industry' } },
  { id: 'country', accessorKey: 'country', size: 160, meta: { label: 'Country', sort: 'country' } },
  { id: 'currency', accessorKey: 'currency', size: 92, meta: { label: 'Currency', sort: 'currency' } },
];

/** Every company, invested in or not. */
export default function CompaniesPage() {
  const { q, sort } = useSearch({ from: '/frame/companies' });
  const query = { q, sort };
  const list = useInfiniteQuery({ ...companiesList(query), placeholderData: keepPreviousData });
  const all = () => everyRow((page) => fetchCompanies({ ...query, ...page }));
  const { rows, first, server } = useServerList<Company, Page<Company>>(list, { q, sort }, all);
  const mayChange = useMay('company.create');
  const [adding, setAdding] = useState(false);
  const none = first?.total === 0 && !q;
  return (
    <>
      <PageHead
        title="Companies"
        sub="Every business on record"
        right={
          mayChange && (
            <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
              Add a company
            </Button>
          )
        }
      />
      <Loaded query={list} what="the companies" size="l">
        {() => (
          <DataTable
            data={rows}
            columns={COLUMNS}
            label="Companies"
            fileName="companies"
            rowId={(row) => String(row.id)}
            server={server}
            empty={
              none && (
                <EmptyBlock
                  title="No companies yet"
                  hint="A company is added here, or made by itself when an investment in it is recorded."
                />
              )
            }
          />
        )}
      </Loaded>
      <NewCompany opened={adding} onClose={() => setAdding(false)} />
    </>
  );
}
