import type { Projection } from '@/api/types';
import { formatInt, formatPercent } from '@/lib/format';
import { KpiStrip, Money, NotAvailable } from '@/ui';
import { rateReason } from '../words';
import { capsReached } from './shapes';

/** What all trades would bring by the horizon. */
export function ProjectionKpis({ data }: { data: Projection }) {
  const { currency, together } = data;
  const money = (value: string) => <Money value={value} currency={currency} unit="auto" />;
  const { reached, trades } = capsReached(data.cohorts);
  return (
    <KpiStrip
      items={[
        { key: 'outlay', label: 'Funded', value: money(together.outlay), note: 'paid by the fund' },
        { key: 'collected', label: 'Collected', value: money(together.collected), note: 'by the horizon' },
        {
          key: 'irr',
          label: 'Fund IRR',
          value:
            together.annual_irr === null ? (
              <NotAvailable why={rateReason(together.irr_status)} />
            ) : (
              formatPercent(together.annual_irr)
            ),
          note: 'a year, all trades together',
        },
        {
          key: 'caps',
          label: 'Caps reached',
          value: `${formatInt(reached)} of ${formatInt(trades)}`,
          note: 'within the horizon',
        },
        { key: 'payment', label: 'Payments', value: money(together.payment), note: 'of all cohorts' },
      ]}
    />
  );
}
