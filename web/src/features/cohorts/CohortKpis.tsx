import { memo } from 'react';
import type { Cashflows, Cohort } from '@/api/types';
import { formatInt } from '@/lib/format';
import { KpiStrip } from '@/ui';

/** How many there are of what the eye looks for first; amounts stand beside their cohort, where they were computed. */
export const CohortKpis = memo(function CohortKpis({ data }: { data: Cashflows }) {
  const count = (wanted: (cohort: Cohort) => boolean) => formatInt(data.cohorts.filter(wanted).length);
  const customers = data.cohorts.reduce((sum, { customers: one }) => sum + one, 0);
  return (
    <KpiStrip
      items={[
        {
          key: 'cohorts',
          label: 'Cohorts',
          value: formatInt(data.cohorts.length),
          note: 'by month of the first payment',
        },
        { key: 'customers', label: 'Customers', value: formatInt(customers), note: 'who ever paid' },
        {
          key: 'funded',
          label: 'Funded',
          value: count((one) => one.trade_id !== null),
          note: 'with a trade on them',
        },
        {
          key: 'capped',
          label: 'Cap reached',
          value: count((one) => one.capped === true),
          note: 'nothing more is owed',
        },
        {
          key: 'breached',
          label: 'Below minimum',
          value: count((one) => (one.breaches ?? 0) > 0),
          note: 'in one month or more',
        },
      ]}
    />
  );
});
