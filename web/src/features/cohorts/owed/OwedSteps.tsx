import type { OwedCohort } from '@/api/types';
import { formatDate, formatMoney, formatPercent } from '@/lib/format';
import { DetailList, FormDrawer, Note, Section, Stack } from '@/ui';
import classes from './OwedSteps.module.css';

interface Props {
  cohort: OwedCohort;
  currency: string;
  month: string;
  onClose: () => void;
}

/** How what a cohort owes for a month came about, step by step. */
export function OwedSteps({ cohort, currency, month, onClose }: Props) {
  const money = (value: string | null) => formatMoney(value, { currency });
  return (
    <FormDrawer
      opened
      onClose={onClose}
      title={`Cohort of ${formatDate(cohort.cohort_month, 'month')}`}
      sub={`Month ${cohort.period}, paid in ${formatDate(month, 'month')}`}
    >
      {cohort.reason !== null ? (
        <Note>No payment of this month is recorded yet, so what is owed is not known.</Note>
      ) : (
        <Stack>
          <DetailList
            items={[
              { label: 'Payments', value: money(cohort.payment) },
              { label: 'Minimum', value: money(cohort.minimum_payment) },
              { label: 'Share', value: formatPercent(cohort.share_applied, { dp: 0 }) },
              { label: 'Owed', value: money(cohort.collected) },
              { label: 'Owed so far', value: money(cohort.cumulative_collected) },
            ]}
          />
          <Section title="Steps">
            <ol className={classes.steps}>
              {cohort.steps.map((step) => (
                <li key={step}>{step}</li>
              ))}
            </ol>
          </Section>
        </Stack>
      )}
    </FormDrawer>
  );
}
