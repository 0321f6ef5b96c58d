import type { Performance } from '@/api/types';
import { commonUnit } from '@/lib/format';
import { Figure, Irr, KpiStrip } from '@/ui';

interface Props {
  investorId: string;
  figures: Performance;
}

export function InvestorKpis({ investorId, figures }: Props) {
  const { net } = figures;
  const currency = figures.currency ?? undefined;
  const unit = commonUnit([net?.committed, net?.paid_in, net?.nav]);
  const ref = (field: string) => ({ subject: 'investors' as const, id: investorId, field: `net.${field}` });
  const money = (field: 'committed' | 'paid_in' | 'distributed' | 'nav') => (
    <Figure
      kind="money"
      value={net?.[field]}
      reason={net?.reasons[field]}
      money={{ currency, unit }}
      explain={ref(field)}
    />
  );
  const tvpi = (
    <Figure kind="multiple" value={net?.tvpi} reason={net?.reasons.tvpi} explain={ref('tvpi')} tone />
  );
  return (
    <KpiStrip
      items={[
        { key: 'committed', label: 'Committed', value: money('committed') },
        { key: 'paid_in', label: 'Paid in', value: money('paid_in') },
        { key: 'distributed', label: 'Distributed', value: money('distributed') },
        { key: 'nav', label: 'Net asset value', value: money('nav') },
        { key: 'tvpi', label: 'Net TVPI', value: tvpi },
        { key: 'irr', label: 'Net IRR', value: <Irr value={net?.irr} explain={ref('irr')} /> },
      ]}
    />
  );
}
