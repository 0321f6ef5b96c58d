import type { Performance, SeriesPoint } from '@/api/types';
import { commonUnit, formatMoney, humanise, toNumber } from '@/lib/format';
import { Figure, Irr, type Kpi, KpiStrip } from '@/ui';

interface Props {
  fundId: string;
  figures: Performance;
  series: SeriesPoint[];
}

const QUARTERS = 12;

export function FundKpis({ fundId, figures, series }: Props) {
  const { net, gross } = figures;
  const currency = figures.currency ?? undefined;
  const unit = commonUnit([net?.nav, net?.committed, net?.paid_in]);
  const ref = (field: string) => ({ subject: 'funds' as const, id: fundId, field });
  const trend = (key: 'nav' | 'tvpi' | 'dpi') => series.slice(-QUARTERS).map((point) => toNumber(point[key]));
  const multiple = (field: 'tvpi' | 'dpi' | 'rvpi') => (
    <Figure kind="multiple" value={net?.[field]} reason={net?.reasons[field]} explain={ref(`net.${field}`)} />
  );
  const items: Kpi[] = [
    {
      key: 'nav',
      label: 'Net asset value',
      value: (
        <Figure
          kind="money"
          value={net?.nav}
          reason={net?.reasons.nav}
          money={{ unit, currency }}
          explain={ref('net.nav')}
        />
      ),
      note: net?.nav_basis ? humanise(net.nav_basis) : undefined,
      trend: trend('nav'),
    },
    {
      key: 'tvpi',
      label: 'Net TVPI',
      value: multiple('tvpi'),
      note: 'total value / paid-in',
      trend: trend('tvpi'),
    },
    { key: 'dpi', label: 'DPI', value: multiple('dpi'), note: 'distributed / paid-in', trend: trend('dpi') },
    {
      key: 'irr',
      label: 'Net IRR',
      value: <Irr value={net?.irr} explain={ref('net.irr')} />,
      note: 'since the first flow',
    },
    {
      key: 'pic',
      label: 'Called',
      value: <Figure kind="percent" value={net?.pic} reason={net?.reasons.pic} explain={ref('net.pic')} />,
      note: net?.committed ? `of ${formatMoney(net.committed, { currency, unit })} committed` : undefined,
    },
    {
      key: 'moic',
      label: 'Gross MOIC',
      value: (
        <Figure
          kind="multiple"
          value={gross?.moic}
          reason={gross?.reasons.moic}
          explain={ref('gross.moic')}
        />
      ),
      note: (
        <>
          gross IRR <Irr value={gross?.irr} explain={ref('gross.irr')} />
        </>
      ),
    },
  ];
  return <KpiStrip items={items} />;
}
