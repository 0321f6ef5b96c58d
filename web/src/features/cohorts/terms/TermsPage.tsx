import { useQuery } from '@tanstack/react-query';
import { useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useAbilities } from '@/api/abilities';
import { Button, IconPlus, Loaded, Stack, useCut, useSetSearch } from '@/ui';
import { CohortHead } from '../CohortHead';
import { cashflowsQuery } from '../queries';
import type { TermsDraft } from './fields';
import { tradesQuery } from './queries';
import { Simulator } from './Simulator';
import { TermsTable } from './TermsTable';
import { TradeDrawer } from './TradeDrawer';
import { NewTrade } from './TradeForm';

interface Draft {
  terms: TermsDraft;
  proposed: boolean;
}

/** What is agreed with a company, and a simulator that looks for the next terms. */
export default function TermsPage() {
  const { companyId } = useParams({ from: '/frame/companies/$companyId/cohorts/terms' });
  const { trade: open } = useSearch({ from: '/frame/companies/$companyId/cohorts/terms' });
  const setSearch = useSetSearch();
  const cut = useCut();
  const may = useAbilities();
  const known = useQuery(cashflowsQuery(companyId, cut));
  const trades = useQuery(tradesQuery(companyId));
  const [draft, setDraft] = useState<Draft | null>(null);
  const mayChange = may('cohort_terms.change');
  const found = trades.data?.find(({ id }) => id === open);
  return (
    <>
      <CohortHead
        companyId={companyId}
        title="Terms"
        files={{ trades: trades.data?.length }}
        sub="What the fund pays of a month’s spend, and what it collects from its customers"
        right={
          mayChange && (
            <Button
              leftSection={<IconPlus size={16} />}
              onClick={() => setDraft({ terms: {}, proposed: false })}
            >
              Record a trade
            </Button>
          )
        }
      />
      <Loaded query={known} what="the terms" size="l">
        {(data) => (
          <Stack>
            <TermsTable data={data} onOpen={(id) => setSearch({ trade: id })} />
            {may('cohort.predict') && (
              <Simulator
                companyId={companyId}
                data={data}
                onTake={mayChange ? (terms) => setDraft({ terms, proposed: true }) : undefined}
              />
            )}
          </Stack>
        )}
      </Loaded>
      {found && known.data && (
        <TradeDrawer
          companyId={companyId}
          currency={known.data.currency}
          trade={found}
          cohort={known.data.cohorts.find(({ trade_id }) => trade_id === found.id)}
          onReload={() => void trades.refetch()}
          onClose={() => setSearch({ trade: undefined })}
        />
      )}
      {draft && known.data && (
        <NewTrade
          companyId={companyId}
          currency={known.data.currency}
          draft={draft.terms}
          proposed={draft.proposed}
          onClose={() => setDraft(null)}
        />
      )}
    </>
  );
}
