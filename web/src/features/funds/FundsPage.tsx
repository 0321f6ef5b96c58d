import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { everyRow } from '@/api/lists';
import { formatDate } from '@/lib/format';
import { ButtonLink, DataTable, EmptyBlock, Loaded, PageHead, useServerList } from '@/ui';
import { fundColumns, fundsScale, fundTotals, scaleText } from './columns';
import { fetchFunds, type FundPage, type FundRow, fundsList } from './queries';

const HIDDEN = ['strategy'];

/** Every fund with its figures, and the totals of the filtered set. */
export default function FundsPage() {
  const { q, sort, as_of, known_at } = useSearch({ from: '/frame/funds' });
  const query = { q, sort, as_of, known_at };
  const list = useInfiniteQuery({ ...fundsList(query), placeholderData: keepPreviousData });
  const all = () => everyRow((page) => fetchFunds({ ...query, ...page }));
  const { rows, first, server } = useServerList<FundRow, FundPage>(list, { q, sort }, all);
  const scale = fundsScale(rows);
  const columns = useMemo(() => fundColumns(scale), [scale.unit, scale.currency]); // eslint-disable-line
  const none = first?.total === 0 && !q;
  return (
    <>
      <PageHead title="Funds" sub={first ? subtitle(first.as_of, scaleText(scale)) : ' '} />
      <Loaded query={list} what="the funds" size="l">
        {() => (
          <DataTable
            data={rows}
            columns={columns}
            label="Funds"
            fileName="funds"
            rowId={(row) => String(row.id)}
            totals={first?.totals ? fundTotals(first.totals, scale) : undefined}
            initialHidden={HIDDEN}
            server={server}
            empty={none ? <NoFunds /> : undefined}
          />
        )}
      </Loaded>
    </>
  );
}

function subtitle(asOf: string, scale: string | null): string {
  return [`As of ${formatDate(asOf)}, net to investors`, scale].filter(Boolean).join(', ');
}

function NoFunds() {
  return (
    <EmptyBlock
      title="No funds yet"
      hint="Funds, their calls, distributions and marks come in from a file, or one by one."
      action={
        <ButtonLink to="/imports/$importId" params={{ importId: 'new' }} size="sm">
          Import a file
        </ButtonLink>
      }
    />
  );
}
