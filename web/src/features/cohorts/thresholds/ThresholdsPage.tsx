import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useMay } from '@/api/abilities';
import type { Breaches, Override, Threshold } from '@/api/types';
import { formatInt } from '@/lib/format';
import { Button, Halves, IconPlus, KpiStrip, Loaded, Money, Stack, useCut } from '@/ui';
import { CohortHead } from '../CohortHead';
import { thresholdsQuery } from '../queries';
import { BreachTable } from './BreachTable';
import { MinimumForm } from './MinimumForm';
import { Minimums } from './Minimums';
import { OverrideForm } from './OverrideForm';
import { Overrides } from './Overrides';
import { breachesQuery, type CellOf, overridesQuery } from './queries';
import { VoidFact } from './VoidFact';

/** What is open over the page. */
type Open =
  | { form: 'minimum'; seen: Threshold | null }
  | { form: 'override'; cell: CellOf; seen: Override | null }
  | { form: 'void'; what: { minimum: Threshold } | { override: Override } };

/** The least payments of each period, the months that missed them, and the breaches that were set aside. */
export default function ThresholdsPage() {
  const { companyId } = useParams({ from: '/frame/companies/$companyId/cohorts/thresholds' });
  const cut = useCut();
  const may = useMay('cohort_terms.change');
  const breaches = useQuery(breachesQuery(companyId, cut));
  const thresholds = useQuery(thresholdsQuery(companyId));
  const overrides = useQuery(overridesQuery(companyId));
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const add = may && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setOpen({ form: 'minimum', seen: null })}>
      Add a minimum
    </Button>
  );
  return (
    <>
      <CohortHead
        companyId={companyId}
        title="Thresholds"
        sub="Below its minimum, all of a cohort’s month is collected; a breach gives the right to fund no later cohort"
        right={add}
        files={{
          thresholds: thresholds.data?.length,
          'threshold-breaches': breaches.data?.breaches.length,
          'threshold-overrides': overrides.data?.length,
        }}
      />
      <Stack>
        <Loaded query={breaches} what="the breaches" size="l">
          {(data) => (
            <Stack>
              <Figures data={data} />
              <BreachTable
                data={data}
                anyMinimum={thresholds.data === undefined || thresholds.data.length > 0}
                onAside={may ? (cell) => setOpen({ form: 'override', cell, seen: null }) : undefined}
              />
            </Stack>
          )}
        </Loaded>
        <Halves>
          <div>
            <Loaded query={thresholds} what="the minimums" size="m">
              {(rows) => (
                <Minimums
                  rows={rows}
                  past={cut.known_at !== undefined}
                  add={add}
                  onEdit={may ? (seen) => setOpen({ form: 'minimum', seen }) : undefined}
                  onVoid={may ? (minimum) => setOpen({ form: 'void', what: { minimum } }) : undefined}
                />
              )}
            </Loaded>
          </div>
          <div>
            <Loaded query={overrides} what="what was set aside" size="m">
              {(rows) => (
                <Overrides
                  rows={rows}
                  past={cut.known_at !== undefined}
                  onEdit={may ? (seen) => setOpen({ form: 'override', cell: cellOf(seen), seen }) : undefined}
                  onVoid={may ? (override) => setOpen({ form: 'void', what: { override } }) : undefined}
                />
              )}
            </Loaded>
          </div>
        </Halves>
      </Stack>
      {open?.form === 'minimum' && <MinimumForm companyId={companyId} seen={open.seen} onClose={close} />}
      {open?.form === 'override' && (
        <OverrideForm companyId={companyId} cell={open.cell} seen={open.seen} onClose={close} />
      )}
      {open?.form === 'void' && <VoidFact companyId={companyId} what={open.what} onClose={close} />}
    </>
  );
}

const cellOf = ({ cohort_month, payment_period_month: period }: Override): CellOf => ({
  cohort_month,
  period,
});

function Figures({ data }: { data: Breaches }) {
  const aside = data.breaches.filter(({ override }) => override !== null).length;
  const money = (value: string) => <Money value={value} currency={data.currency} unit="auto" />;
  return (
    <KpiStrip
      items={[
        {
          key: 'breaches',
          label: 'Breaches',
          value: formatInt(data.breaches.length),
          note: 'months below their minimum',
        },
        { key: 'aside', label: 'Set aside', value: formatInt(aside), note: 'the normal share applies' },
        {
          key: 'collected',
          label: 'Collected',
          value: money(data.collected),
          note: 'of all cohorts, as things stand',
        },
        {
          key: 'full',
          label: 'Without overrides',
          value: money(data.collected_in_full),
          note: 'had no breach been set aside',
        },
        {
          key: 'share',
          label: 'Without minimums',
          value: money(data.collected_at_share),
          note: 'had every breach been set aside',
        },
      ]}
    />
  );
}
