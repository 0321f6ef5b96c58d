import { useQuery } from '@tanstack/react-query';
import { useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { companyQuery } from '@/api/companies';
import { Button, IconPlus, Loaded, May, useSetSearch } from '@/ui';
import { CohortHead } from '../CohortHead';
import { PlanForm } from './PlanForm';
import { roundsQuery } from './queries';
import { RoundDrawer } from './RoundDrawer';
import { RoundTable } from './RoundTable';
import type { Step } from './words';

const PLAN = 'monthly_round.report';

/** The months between the fund and a company: planned, approved, funded, spent, stated, settled. */
export default function RoundsPage() {
  const { companyId } = useParams({ from: '/frame/companies/$companyId/cohorts/rounds' });
  const { round: open } = useSearch({ from: '/frame/companies/$companyId/cohorts/rounds' });
  const setSearch = useSetSearch();
  const company = useQuery(companyQuery(companyId));
  const rounds = useQuery(roundsQuery(companyId));
  const [planning, setPlanning] = useState(false);
  const [asked, setAsked] = useState<Step | null>(null);
  const plan = (
    <May operation={PLAN}>
      <Button leftSection={<IconPlus size={16} />} onClick={() => setPlanning(true)}>
        Plan a month
      </Button>
    </May>
  );
  return (
    <>
      <CohortHead
        companyId={companyId}
        title="Rounds"
        sub="Each month from planned spend to settlement; what is open is carried to the next"
        right={plan}
        files={{ 'monthly-rounds': rounds.data?.length }}
      />
      <Loaded query={rounds} what="the rounds" size="l">
        {(rows) => (
          <RoundTable
            rows={rows}
            currency={company.data?.currency ?? rows[0]?.currency ?? 'USD'}
            add={plan}
            onOpen={(id, step) => {
              setAsked(step);
              setSearch({ round: id });
            }}
          />
        )}
      </Loaded>
      {planning && (
        <PlanForm
          companyId={companyId}
          currency={company.data?.currency ?? ''}
          taken={(rounds.data ?? []).map(({ month }) => month)}
          onClose={() => setPlanning(false)}
        />
      )}
      {open !== undefined && (
        <RoundDrawer
          key={open}
          companyId={companyId}
          id={open}
          asked={asked}
          onClose={() => {
            setAsked(null);
            setSearch({ round: undefined });
          }}
        />
      )}
    </>
  );
}
