import type { Performance } from '@/api/types';
import { commonUnit } from '@/lib/format';
import { Figure, Irr, KpiStrip } from '@/ui';

interface Props {
  companyId: string;
  figures: Performance;
}

export function CompanyKpis({ companyId, figures }: Props) {
  const { gross } = figures;
  const currency = figures.currency ?? undefined;
  const unit = commonUnit([gross?.invested, gross?.fair_value, gross?.realised]);
  const ref = (field: string) => ({ subject: 'companies' as const, id: companyId, field: `gross.${field}` });
  const money = (field: 'invested' | 'realised' | 'fair_value') => (
    <Figure
      kind="money"
      value={gross?.[field]}
      reason={gross?.reasons[field]}
      money={{ currency, unit }}
      explain={ref(field)}
    />
  );
  const moic = (
    <Figure kind="multiple" value={gross?.moic} reason={gross?.reasons.moic} explain={ref('moic')} tone />
  );
  return (
    <KpiStrip
      items={[
        { key: 'invested', label: 'Invested', value: money('invested'), note: 'all purchases to date' },
        { key: 'realised', label: 'Realised', value: money('realised'), note: 'proceeds and income' },
        { key: 'fair_value', label: 'Fair value', value: money('fair_value'), note: 'of what is still held' },
        { key: 'moic', label: 'Gross MOIC', value: moic, note: '(realised + fair value) / invested' },
        {
          key: 'irr',
          label: 'Gross IRR',
          value: <Irr value={gross?.irr} explain={ref('irr')} />,
          note: 'since the first purchase',
        },
      ]}
    />
  );
}
