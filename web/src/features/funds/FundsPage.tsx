import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useMemo, useState } from 'react';
import { useMay } from '@/api/abilities';
import { everyRow } from '@/api/lists';
import { today } from '@/lib/dates';
import { formatDate } from '@/lib/format';
import {
  Button,
  ButtonLink,
  DataTable,
  EmptyBlock,
  IconPlus,
  Loaded,
  PageHead,
  useCut,
  useServerList,
} from '@/ui';
import { fundColumns, fundsScale, fundTotals, scaleText } from './columns';
import type { FundPage, FundRow } from '@/api/types';
import { PlainFunds } from './PlainFunds';
import { fetchFunds, fundsList } from './queries';

const NewFund = lazy(() => import('./NewFund'));

const HIDDEN = ['strategy'];

/** Every fund with its figures, and the totals of the filtered set; their names alone to those who see single ones. */
export default function FundsPage() {
  const wanted = useSearch({ from: '/frame/funds' });
  return useMay('overview.read') ? <AllFunds {...wanted} /> : <PlainFunds {...wanted} />;
}

function AllFunds({ q, sort }: { q?: string; sort?: string }) {
  const { as_of, known_at } = useCut();
  const query = { q, sort, as_of, known_at };
  const list = useInfiniteQuery({ ...fundsList(query), placeholderData: keepPreviousData });
  const all = () => everyRow((page) => fetchFunds({ ...query, ...page }));
  const { rows, first, server } = useServerList<FundRow, FundPage>(list, { q, sort }, all);
  const scale = fundsScale(rows);
  const columns = useMemo(() => fundColumns(scale), [scale.unit, scale.currency]); // eslint-disable-line
  const mayChange = useMay('fund.create');
  const [adding, setAdding] = useState(false);
  const none = first?.total === 0 && !q;
  return (
    <>
      <PageHead
        title="Funds"
        sub={first ? subtitle(first.as_of ?? as_of ?? today(), scaleText(scale)) : ' '}
        right={
          mayChange && (
            <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
              Add a fund
            </Button>
          )
        }
      />
      <Loaded query={list} what="the funds" size="l">
        {() => (
          <DataTable
            data={rows}
            columns={columns}
            label="Funds"
            fileName="funds"
            rowId={(row) => String(row.fund_id)}
            totals={first && fundTotals(first.totals, scale)}
            initialHidden={HIDDEN}
            server={server}
            empty={none ? <NoFunds /> : undefined}
          />
        )}
      </Loaded>
      <Suspense>{adding && <NewFund onClose={() => setAdding(false)} />}</Suspense>
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
