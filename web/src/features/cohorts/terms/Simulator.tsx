import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Cashflows, Solved } from '@/api/types';
import { formatMoney, formatMultiple, formatPercent, humanise } from '@/lib/format';
import { Button, Card, CardBody, CardHead, FormError, LoadingBlock, Stack, useCut } from '@/ui';
import { scenariosQuery } from '../assumptions';
import { AimFields } from './AimFields';
import { type Aims, FIRST_AIMS } from './aims';
import type { TermsDraft } from './fields';
import { Offers } from './Offers';
import { Outcomes } from './Outcomes';
import { solve, tryTerms } from './runs';
import classes from './Simulator.module.css';

interface Props {
  companyId: string;
  data: Cashflows;
  /** Takes terms over into a new trade; absent for who may not record one. */
  onTake?: (terms: TermsDraft) => void;
}

/** From aims to terms, and from terms to what they would bring. Nothing here is recorded. */
export function Simulator({ companyId, data, onTake }: Props) {
  const cut = useCut();
  const scenarios = useQuery(scenariosQuery(companyId));
  const [aims, setAims] = useState<Aims>(FIRST_AIMS);
  const change = (some: Partial<Aims>) => setAims((now) => ({ ...now, ...some }));
  const tried = useMutation({ mutationFn: (asked: Aims) => tryTerms(companyId, asked, cut) });
  const solved = useMutation({
    mutationFn: (asked: Aims) => solve(companyId, asked, cut),
    onSuccess: ({ proposal }, asked) => {
      if (proposal.sharing_percentage === null) return tried.reset();
      const terms = { sharing_percentage: proposal.sharing_percentage, cash_cap: proposal.cash_cap ?? '' };
      change(terms);
      return tried.mutate({ ...asked, ...terms });
    },
  });
  const own = data.cohorts.some(({ cohort_month, trade_id }) => cohort_month === aims.cohort && trade_id);
  const { currency } = data;
  return (
    <Stack>
      <Card>
        <CardHead
          title="Simulator"
          sub="Proposes terms for what the trade shall bring, and tries terms on many drawn futures"
        />
        <CardBody>
          <AimFields data={data} scenarios={scenarios.data ?? []} aims={aims} onChange={change} />
          <div className={classes.actions}>
            <Button loading={solved.isPending} onClick={() => solved.mutate(aims)}>
              Propose terms
            </Button>
            <Button
              variant="default"
              loading={tried.isPending}
              disabled={!aims.sharing_percentage && !own}
              onClick={() => tried.mutate(aims)}
            >
              {aims.sharing_percentage || !own ? 'Try these terms' : 'Try its own terms'}
            </Button>
          </div>
          <div role="status" aria-live="polite">
            {solved.data && <Proposal found={solved.data} currency={currency} onTake={onTake} />}
          </div>
          <FormError error={solved.error ?? tried.error} />
        </CardBody>
      </Card>
      {tried.isPending && !tried.data && <LoadingBlock size="m" label="the simulation" />}
      {tried.data && <Outcomes tried={tried.data} currency={currency} />}
      {solved.data && <Offers found={solved.data} currency={currency} />}
    </Stack>
  );
}

interface ProposalProps {
  found: Solved;
  currency: string;
  onTake?: (terms: TermsDraft) => void;
}

function Proposal({ found: { outlook, proposal }, currency, onTake }: ProposalProps) {
  const { sharing_percentage, cash_cap } = proposal;
  if (sharing_percentage === null)
    return (
      <div className={classes.proposal}>
        <p>
          <b>No terms meet these aims.</b> {proposal.reason ?? humanise(proposal.status)}
        </p>
      </div>
    );
  const take = () =>
    onTake?.({
      cohort_month: outlook.cohort_month,
      sharing_percentage,
      cash_cap,
      planned_spend: outlook.spend,
    });
  return (
    <div className={classes.proposal}>
      <p className="tnum">
        <b>
          {`Share ${formatPercent(sharing_percentage, { dp: 0 })}, `}
          {cash_cap === null ? 'no cap' : `cap ${formatMoney(cash_cap, { currency })}`}
        </b>
        {`: ${formatMultiple(proposal.multiple)} of the outlay, loss in ${formatPercent(proposal.chance_of_loss)} of the futures, the target in ${formatPercent(proposal.chance_of_target)}.`}
      </p>
      {onTake && (
        <Button variant="default" onClick={take}>
          Take over into a new trade
        </Button>
      )}
    </div>
  );
}
