import type { Cut } from '@/api/performance';
import { scenarioOf } from '../assumptions';

/** What the simulator is asked: of which cohort, under which assumption, and what the trade shall bring. */
export interface Aims {
  /** A cohort month, or empty: a cohort still to come. */
  cohort: string;
  spend: string;
  /** See `assumptions`: the model, a scenario, or a churn. */
  by: string;
  /** A fraction a month, where `by` is a churn. */
  churn: string;
  /** First payment ÷ spend; empty: as the company's cohorts did. */
  m0: string;
  horizon: string;
  target_irr: string;
  largest_chance_of_loss: string;
  sharing_percentage: string;
  cash_cap: string;
}

export const FIRST_AIMS: Aims = {
  cohort: '',
  spend: '',
  by: 'model',
  churn: '0.1',
  m0: '',
  horizon: '36',
  target_irr: '0.2',
  largest_chance_of_loss: '0.05',
  sharing_percentage: '',
  cash_cap: '',
};

export const HORIZONS = ['12', '24', '36', '60', '120'].map((months) => ({
  value: months,
  label: `${months} months`,
}));

/** What is tried on the trade besides the expected course. */
export const SHOCKS = [
  { name: 'Churn two points higher', churn_rise: '0.02' },
  { name: 'Churn five points higher', churn_rise: '0.05' },
  { name: 'Every payment a fifth lower', level: '-0.2' },
  { name: 'Nothing for three months', delay: 3 },
];

const given = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '' && value !== undefined));

/** The cohort and its months to come; no assumption asks for the model that foretold best. */
export const outlookBody = (aims: Aims, cut: Cut): Record<string, unknown> => ({
  ...given({
    cohort_month: aims.cohort,
    spend: aims.spend,
    m0: aims.m0,
    scenario: scenarioOf(aims.by),
    churn: aims.by === 'churn' ? aims.churn : undefined,
    ...cut,
  }),
  horizon: Number(aims.horizon),
});

export const solveBody = (aims: Aims, cut: Cut): Record<string, unknown> => ({
  ...outlookBody(aims, cut),
  target_irr: aims.target_irr,
  largest_chance_of_loss: aims.largest_chance_of_loss,
});

/** With the terms to try; without a share the cohort's own trade is taken. */
export const termsBody = (aims: Aims, cut: Cut): Record<string, unknown> => ({
  ...outlookBody(aims, cut),
  ...given({ sharing_percentage: aims.sharing_percentage, cash_cap: aims.cash_cap }),
});
