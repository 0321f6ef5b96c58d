import { formatMoney } from '@/lib/format';
import type { VizTokens } from './tokens';

/** A time axis of quarter ends: years as labels, every second one where there is little room. */
export function quarterAxis(t: VizTokens, dates: string[], narrow: boolean, gridIndex = 0, labels = true) {
  const yearly = new Map<string, number>();
  dates.forEach((day, index) => yearly.set(day.slice(0, 4), yearly.get(day.slice(0, 4)) ?? index));
  const step = Math.max(1, Math.ceil(yearly.size / (narrow ? 5 : 12)));
  const shown = new Set([...yearly.values()].filter((_, position) => position % step === 0));
  return {
    type: 'category' as const,
    gridIndex,
    data: dates,
    boundaryGap: true,
    axisTick: { show: false },
    axisLine: { onZero: gridIndex === 1 && !labels, lineStyle: { color: t.axis } },
    axisPointer: { label: { show: false } },
    axisLabel: {
      ...axisText(t),
      show: labels,
      interval: (index: number) => shown.has(index),
      formatter: (day: string) => day.slice(0, 4),
    },
  };
}

export function moneyAxis(t: VizTokens, currency: string, largest: number, gridIndex = 0, splitNumber = 4) {
  const unit = largest >= 999.95e6 ? 'bn' : largest >= 999.5e3 ? 'm' : largest >= 1e4 ? 'k' : 'full';
  const dp = unit === 'full' || largest / { full: 1, k: 1e3, m: 1e6, bn: 1e9 }[unit] >= 8 ? 0 : 1;
  return {
    type: 'value' as const,
    gridIndex,
    splitNumber,
    splitLine: { lineStyle: { color: t.grid } },
    axisLabel: { ...axisText(t), formatter: (value: number) => formatMoney(value, { currency, unit, dp }) },
  };
}

export function axisText(t: VizTokens) {
  return { color: t.muted, fontSize: 11.5, fontFamily: t.font };
}
