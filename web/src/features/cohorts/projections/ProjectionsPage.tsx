import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useAbilities } from '@/api/abilities';
import type { Cashflows, Scenario } from '@/api/types';
import {
  Actions,
  Button,
  ButtonLink,
  Card,
  EmptyBlock,
  Loaded,
  Stack,
  useCut,
  useDebouncedValue,
  useLiveSearch,
  useSetSearch,
} from '@/ui';
import { byScenario, scenarioOf, scenariosQuery } from '../assumptions';
import { CohortHead } from '../CohortHead';
import { cashflowsQuery } from '../queries';
import { Assumptions } from './Assumptions';
import { Alike } from './Alike';
import { CashChart } from './CashChart';
import { CohortReturns } from './CohortReturns';
import { CurvesChart } from './CurvesChart';
import { Hindsight } from './Hindsight';
import { League } from './League';
import { ProjectionFile } from './ProjectionFile';
import { ProjectionKpis } from './ProjectionKpis';
import { type Assumed, projectionQuery } from './queries';
import { SaveScenario } from './SaveScenario';
import { Scenarios } from './Scenarios';

const FIRST_CHURN = 10;

/** What may come of a company's cohorts: everything on the page moves with the assumption. */
export default function ProjectionsPage() {
  const { companyId } = useParams({ from: '/frame/companies/$companyId/cohorts/projections' });
  const search = useSearch({ from: '/frame/companies/$companyId/cohorts/projections' });
  const setSearch = useSetSearch();
  const cut = useCut();
  const may = useAbilities();
  const known = useQuery(cashflowsQuery(companyId, cut));
  const scenarios = useQuery(scenariosQuery(companyId));
  const [saving, setSaving] = useState(false);
  const [churn, setChurn] = useLiveSearch('churn', search.churn ?? FIRST_CHURN);
  const chosen = scenarios.data?.find(({ name }) => name === scenarioOf(search.by ?? ''));
  // A scenario that was voided meanwhile cannot be followed any more.
  const isGone =
    scenarios.data !== undefined && chosen === undefined && scenarioOf(search.by ?? '') !== undefined;
  const assumed = {
    by: isGone ? 'churn' : (search.by ?? 'churn'),
    churn,
    horizon: search.horizon ?? 36,
  };
  const draft = {
    name: chosen?.name,
    churn: assumed.by === 'churn' ? String(assumed.churn / 100) : chosen?.churn,
    m0: chosen?.m0,
  };
  return (
    <>
      <CohortHead
        companyId={companyId}
        title="Projections"
        sub="What was paid is never replaced: months to come follow from it"
        right={
          <Actions>
            {may('cohort.predict') && (
              <ProjectionFile
                companyId={companyId}
                assumed={assumed}
                isEmpty={known.data?.cohorts.length === 0}
              />
            )}
            {may('cohort_terms.change') && (
              <Button variant="default" onClick={() => setSaving(true)}>
                Save as a scenario
              </Button>
            )}
          </Actions>
        }
      />
      <Loaded query={known} what="the cohorts" size="l">
        {(data) =>
          data.cohorts.length === 0 ? (
            <Card>
              <EmptyBlock
                title="Nothing to project yet"
                hint="A projection goes on from payments, or from what was spent to win customers."
                action={
                  <ButtonLink to="/companies/$companyId/cohorts" params={{ companyId }}>
                    Go to the cohorts
                  </ButtonLink>
                }
              />
            </Card>
          ) : may('cohort.predict') ? (
            <Stack>
              <Assumptions
                scenarios={scenarios.data ?? []}
                assumed={assumed}
                onChange={({ churn: moved, ...chosen }) =>
                  moved === undefined ? setSearch(chosen, true) : setChurn(moved)
                }
              />
              <Projected
                companyId={companyId}
                data={data}
                assumed={assumed}
                scenarios={scenarios.data ?? []}
              />
            </Stack>
          ) : (
            <Scenarios companyId={companyId} horizon={assumed.horizon} saved={scenarios.data ?? []} />
          )
        }
      </Loaded>
      {saving && (
        <SaveScenario
          companyId={companyId}
          scenarios={scenarios.data ?? []}
          draft={draft}
          onSaved={(name) => setSearch({ by: byScenario(name) }, true)}
          onClose={() => setSaving(false)}
        />
      )}
    </>
  );
}

/** A slider's steps follow each other faster than this; only the last of them is asked. */
const SETTLES = 30;

interface Props {
  companyId: string;
  data: Cashflows;
  assumed: Assumed;
  scenarios: readonly Scenario[];
}

function Projected({ companyId, data, assumed, scenarios }: Props) {
  const cut = useCut();
  const [churn] = useDebouncedValue(assumed.churn, SETTLES);
  const settled = { ...assumed, churn };
  const projection = useQuery({
    ...projectionQuery(companyId, cut, settled),
    placeholderData: keepPreviousData,
  });
  return (
    <Stack>
      <Loaded query={projection} what="the projection" size="l">
        {(found) => (
          <Stack>
            <ProjectionKpis data={found} />
            <Card>
              <CurvesChart data={found} />
            </Card>
            <Card>
              <CashChart data={found} />
            </Card>
            <CohortReturns data={found} />
          </Stack>
        )}
      </Loaded>
      <Scenarios companyId={companyId} horizon={assumed.horizon} saved={scenarios} />
      <League companyId={companyId} horizon={assumed.horizon} />
      <Alike companyId={companyId} />
      <Hindsight companyId={companyId} now={data} assumed={settled} />
    </Stack>
  );
}
