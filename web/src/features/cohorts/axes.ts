import { formatDate } from '@/lib/format';
import { axisText, type VizTokens } from '@/ui';

/** An axis of periods: months since the cohort began. */
export function periodAxis(t: VizTokens, count: number, narrow: boolean) {
  const step = Math.max(1, Math.ceil(count / (narrow ? 6 : 13)));
  return {
    type: 'category' as const,
    data: Array.from({ length: count }, (_, period) => `M${period}`),
    boundaryGap: false,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: t.axis } },
    axisPointer: { label: { show: false } },
    axisLabel: { ...axisText(t), margin: 12, interval: (index: number) => index % step === 0 },
  };
}

/** An axis of shares: 0 %, 50 %, 100 %. */
export function shareAxis(t: VizTokens) {
  return {
    type: 'value' as const,
    splitNumber: 4,
    splitLine: { lineStyle: { color: t.grid } },
    axisLabel: { ...axisText(t), formatter: (value: number) => `${Math.round(value * 100)}%` },
  };
}

/** An axis of calendar months. */
export function monthAxis(t: VizTokens, months: string[], narrow: boolean) {
  const step = Math.max(1, Math.ceil(months.length / (narrow ? 4 : 9)));
  return {
    type: 'category' as const,
    data: months,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: t.axis } },
    axisPointer: { label: { show: false } },
    axisLabel: {
      ...axisText(t),
      margin: 12,
      interval: (index: number) => index % step === 0,
      formatter: (month: string) => formatDate(month, 'month'),
    },
  };
}
