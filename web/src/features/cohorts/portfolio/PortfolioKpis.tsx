import type { CohortTotals } from '@/api/types';
import { formatInt, formatMultiple, formatPercent } from '@/lib/format';
import { KpiStrip, Money, NotAvailable } from '@/ui';
import { rateReason } from '../words';

/** What the fund paid, has back and still waits for, over all its trades in one currency. */
export function PortfolioKpis({ totals }: { totals: CohortTotals }) {
  const { currency } = totals;
  const money = (value: string) => <Money value={value} currency={currency} unit="auto" />;
  return (
    <KpiStrip
      items={[
        {
          key: 'funded',
          label: 'Funded',
          value: money(totals.outlay),
          note: `${formatInt(totals.trades)} trades of ${formatInt(totals.companies)} companies`,
        },
        {
          key: 'collected',
          label: 'Collected',
          value: money(totals.collected),
          note:
            totals.multiple === null ? 'nothing was paid out' : `${formatMultiple(totals.multiple)} of it`,
        },
        {
          key: 'exposure',
          label: 'Outstanding exposure',
          value: money(totals.exposure),
          note: 'paid out and not yet back',
        },
        {
          key: 'cap',
          label: 'Cap used',
          value:
            totals.cap_used === null ? (
              <NotAvailable why="no trade has a cap" />
            ) : (
              formatPercent(totals.cap_used)
            ),
          note: 'collected of all caps',
        },
        {
          key: 'breaches',
          label: 'Breaches',
          value: formatInt(totals.breaches),
          note: 'months below the minimum',
        },
        {
          key: 'irr',
          label: 'Fund IRR',
          value:
            totals.annual_irr === null ? (
              <NotAvailable why={rateReason(totals.irr_status)} />
            ) : (
              formatPercent(totals.annual_irr)
            ),
          note:
            totals.annual_irr === null
              ? rateReason(totals.irr_status)
              : 'a year, on what was collected so far',
        },
      ]}
    />
  );
}
