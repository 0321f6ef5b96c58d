import type { CohortTotals } from '@/api/types';
import { toNumber } from '@/lib/format';

type Vintage = CohortTotals['vintages'][number];

/** One point of a year's curve; `whole`: every trade of the year is in it. */
export interface VintagePoint {
  year: number;
  period: number;
  trades: number;
  ratio: string | null;
  whole: boolean;
}

/** How many years are drawn: the newest ones, as the palette has colours. */
const MOST = 6;

export const newestVintages = (vintages: readonly Vintage[]): Vintage[] => vintages.slice(-MOST);

export const vintagePoints = (vintages: readonly Vintage[]): VintagePoint[] =>
  vintages.flatMap((one) =>
    one.periods.map((at) => ({
      year: one.year,
      period: at.period,
      trades: at.trades,
      ratio: at.collected_to_outlay,
      whole: at.trades === one.trades,
    })),
  );

/** The two lines of a year: as far as all of its trades are known, and on from there with those that are. */
export function vintageLines(one: Vintage): { whole: (number | null)[]; part: (number | null)[] } {
  const ratios = one.periods.map((at) => toNumber(at.collected_to_outlay));
  const upto = one.periods.filter((at) => at.trades === one.trades).length;
  return {
    whole: ratios.map((ratio, period) => (period < upto ? ratio : null)),
    part: ratios.map((ratio, period) => (period >= upto - 1 ? ratio : null)),
  };
}
