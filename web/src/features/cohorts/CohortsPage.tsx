import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useParams, useSearch } from '@tanstack/react-router';
import { useCallback, useDeferredValue, useMemo, useState } from 'react';
import { useAbilities } from '@/api/abilities';
import type { Cashflows } from '@/api/types';
import { companyQuery } from '@/api/companies';
import { formatPercent } from '@/lib/format';
import {
  Button,
  Card,
  CardHead,
  EmptyBlock,
  IconPlus,
  Loaded,
  SegmentedControl,
  Slider,
  Stack,
  Switch,
  useCut,
  useDebouncedValue,
  useLiveSearch,
  useSetSearch,
} from '@/ui';
import { CellPayments } from './CellPayments';
import { type Measure, minimumsOf } from './cells';
import { CohortHead } from './CohortHead';
import { CohortKpis } from './CohortKpis';
import classes from './CohortsPage.module.css';
import { CohortTriangle } from './CohortTriangle';
import { foretold } from './foretold';
import { NewCohortFact } from './NewCohortFact';
import { cashflowsQuery, predictedQuery, thresholdsQuery } from './queries';
import { Trades } from './Trades';

const MEASURES = [
  { value: 'period', label: 'Per period' },
  { value: 'cumulative', label: 'Cumulative' },
  { value: 'minimum', label: 'vs minimum' },
];
const FIRST_CHURN = 10;
const RESTS = 150;

/** A company's cohorts: what each month's customers paid, what the fund collects of it, and what may come. */
export default function CohortsPage() {
  const { companyId } = useParams({ from: '/frame/companies/$companyId/cohorts' });
  const search = useSearch({ from: '/frame/companies/$companyId/cohorts' });
  const setSearch = useSetSearch();
  const cut = useCut();
  const may = useAbilities();
  const company = useQuery(companyQuery(companyId));
  const known = useQuery(cashflowsQuery(companyId, cut));
  const cohorts = known.data?.cohorts;
  const [churn, setChurn] = useLiveSearch('churn', search.churn);
  // The server is asked where the slider rests; until it has answered, the table shows what the browser foretells.
  const [rested] = useDebouncedValue(churn, RESTS);
  const predicted = useQuery({
    ...predictedQuery(companyId, cut, rested ?? FIRST_CHURN),
    enabled: rested !== undefined,
    placeholderData: keepPreviousData,
  });
  const [adding, setAdding] = useState(false);
  const mayAdd = may('cohort_data.change') || may('cohort_terms.change');
  // An answer is shown when nothing else waits to be: it mostly says what is there already, and the next key is due.
  const { data: figures, isPlaceholderData: isOlder } = predicted;
  const reply = useMemo(() => ({ figures, of: isOlder ? undefined : rested }), [figures, isOlder, rested]);
  const shown = useDeferredValue(reply);
  const before = churn === undefined ? undefined : shown.figures;
  const answered = shown.of === churn ? before : undefined;
  const add = mayAdd && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
      Record
    </Button>
  );
  return (
    <>
      <CohortHead
        companyId={companyId}
        title="Cohorts"
        sub="Customers by the month of their first payment"
        right={add}
        files={{
          cohorts_table: cohorts?.length,
          cashflows: cohorts?.length,
          trades: cohorts?.filter(({ trade_id }) => trade_id !== null).length,
        }}
      />
      <Loaded query={known} what="the cohorts" size="l">
        {(data) =>
          data.cohorts.length === 0 ? (
            <Card>
              <EmptyBlock
                title="No cohorts yet"
                hint="A cohort begins with the first payment of a customer, or with what was spent to win customers."
                action={add}
              />
            </Card>
          ) : (
            <Stack>
              <CohortKpis data={before ?? data} />
              <Triangle
                companyId={companyId}
                known={data}
                {...{ before, answered }}
                churn={churn}
                onChurn={setChurn}
                measure={search.measure}
              />
              <Trades data={before ?? data} />
            </Stack>
          )
        }
      </Loaded>
      {search.cell && known.data && (
        <CellPayments
          companyId={companyId}
          data={known.data}
          cell={search.cell}
          onClose={() => setSearch({ cell: undefined })}
        />
      )}
      {adding && (
        <NewCohortFact companyId={companyId} company={company.data} onClose={() => setAdding(false)} />
      )}
    </>
  );
}

interface TriangleProps {
  companyId: string;
  known: Cashflows;
  /** What the server foretold last, and what it foretold at this churn. */
  before: Cashflows | undefined;
  answered: Cashflows | undefined;
  churn: number | undefined;
  onChurn: (churn: number | undefined) => void;
  measure: Measure | undefined;
}

function Triangle({ companyId, known, before, answered, churn, onChurn, measure = 'period' }: TriangleProps) {
  const setSearch = useSetSearch();
  const may = useAbilities();
  const thresholds = useQuery(thresholdsQuery(companyId)).data;
  // The same from step to step of the slider, so that only cells that change are drawn again.
  const minimums = useMemo(() => minimumsOf(thresholds ?? []), [thresholds]);
  const data = useMemo(
    () => answered ?? (churn === undefined ? known : foretold(known, churn, minimums, before)),
    [answered, before, churn, known, minimums],
  );
  const open = useCallback(
    (month: string, period: number) => setSearch({ cell: `${month}@${period}` }),
    [setSearch],
  );
  return (
    <Card>
      <CardHead
        title="Payments as a share of acquisition spend"
        sub="By months since the cohort began"
        right={
          <SegmentedControl
            data={MEASURES}
            value={measure}
            onChange={(value) => setSearch({ measure: value === 'period' ? undefined : value }, true)}
            aria-label="Measure"
          />
        }
      />
      {may('cohort.predict') && <Forecast churn={churn} onChurn={onChurn} />}
      <CohortTriangle data={data} measure={measure} minimums={minimums} onOpen={open} />
    </Card>
  );
}

/** Months to come, at a monthly churn one moves; what was paid is never replaced. */
function Forecast({ churn, onChurn }: Pick<TriangleProps, 'churn' | 'onChurn'>) {
  return (
    <div className={`${classes.forecast} no-print`}>
      <Switch
        label="Forecast"
        checked={churn !== undefined}
        onChange={(event) => onChurn(event.currentTarget.checked ? FIRST_CHURN : undefined)}
      />
      {churn !== undefined && (
        <>
          <span aria-hidden>Monthly churn</span>
          <Slider
            className={classes.slider}
            thumbLabel="Monthly churn"
            min={0}
            max={40}
            step={1}
            value={churn}
            onChange={onChurn}
            label={null}
          />
          <output className="tnum">{formatPercent(churn / 100, { dp: 0 })}</output>
        </>
      )}
    </div>
  );
}
