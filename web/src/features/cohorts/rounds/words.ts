import type { MonthlyRound, MonthlyRoundRow, RoundStep } from '@/api/types';
import { formatDate, formatMoney } from '@/lib/format';
import type { FieldSpec, Tone } from '@/ui';

export type State = MonthlyRound['state'];
export type Step = MonthlyRound['next'][number];

export const STATES: Record<State, string> = {
  planned: 'Planned',
  declined: 'Declined',
  approved: 'Approved',
  funded: 'Funded',
  spent: 'Spent',
  stated: 'Stated',
  settled: 'Settled',
};

/** Where a round stands on its way; a declined plan is at the beginning again. */
export const WAY: State[] = ['planned', 'approved', 'funded', 'spent', 'stated', 'settled'];

export const TONES: Partial<Record<State, Tone>> = { declined: 'neg', stated: 'warn' };

/** The permission each step takes. */
export const NEEDS: Record<Step, string> = {
  plan: 'monthly_round.report',
  report: 'monthly_round.report',
  approve: 'monthly_round.approve',
  decline: 'monthly_round.approve',
  fund: 'monthly_round.change',
  issue: 'monthly_round.change',
  settle: 'monthly_round.change',
  step_back: 'monthly_round.change',
  void: 'monthly_round.change',
};

export const DO: Record<Step, string> = {
  plan: 'Change the plan',
  approve: 'Approve the plan',
  decline: 'Decline the plan',
  fund: 'Record funding',
  report: 'Report the spend',
  issue: 'Issue the statement',
  settle: 'Record a settlement',
  step_back: 'Step back',
  void: 'Take the round back',
};

/** What a step does, said before it is done. */
export const EFFECTS: Record<Step, string> = {
  plan: 'Another plan, until the fund approves it.',
  approve:
    'The fund then owes its share of the planned spend. Terms that name no planned spend take this one.',
  decline: 'The company reads the reason and may plan anew.',
  fund: 'What the fund paid on a day. Left empty, the amount is what is due; below zero, it came back.',
  report: 'It becomes the spend of the cohort: cap, minimums and the difference of funding follow it.',
  issue: 'What is owed is stated as it is computed now, and kept as it was stated.',
  settle: 'What the company paid on a day. Too little or too much is carried to the next month.',
  step_back: 'The last stage is undone, and what it wrote is taken back. The history keeps it.',
  void: 'The round leaves the list. The history keeps it.',
};

/** What has been done, in the words of the history. */
const DONE: Record<RoundStep['step'], string> = {
  plan: 'Planned',
  approve: 'Approved',
  decline: 'Declined',
  fund: 'Funded',
  report: 'Spend reported',
  issue: 'Statement issued',
  settle: 'Settlement recorded',
  carry: 'Changed by another month',
  take_back: 'Transfer taken back',
  step_back: 'Stepped back',
};

const NEXT: Partial<Record<State, Step>> = {
  declined: 'plan',
  approved: 'fund',
  funded: 'report',
  spent: 'issue',
  stated: 'settle',
};

/** The step that leads on, where whoever looks may take it. */
export function leadsOn(
  { state, next }: Pick<MonthlyRoundRow, 'state' | 'next'>,
  may: (operation: string) => boolean,
): Step | null {
  const open = next.filter((step) => may(NEEDS[step]));
  const step =
    state === 'planned' ? (open.find((one) => one === 'approve' || one === 'issue') ?? null) : NEXT[state];
  return step && open.includes(step) ? step : null;
}

/** "Funded · $50.00 · 1 Mar 2024" */
export function stepTitle({ step, amount, on }: RoundStep, currency: string): string {
  const parts = [DONE[step], amount && formatMoney(amount, { currency }), on && formatDate(on)];
  return parts.filter(Boolean).join(' · ');
}

const REASON: FieldSpec = { name: 'reason', label: 'Reason', kind: 'prose', required: true };

/** What a step asks for, filled in with what is likely. */
export function fieldsOf(step: Step, round: MonthlyRound, today: string): FieldSpec[] {
  const on: FieldSpec = { name: 'paid_on', label: 'Paid on', kind: 'date', required: true, initial: today };
  switch (step) {
    case 'plan':
      return [
        {
          name: 'planned_spend',
          label: 'Planned spend',
          kind: 'money',
          required: true,
          initial: round.planned_spend,
        },
      ];
    case 'fund':
      return [
        on,
        {
          name: 'amount',
          label: 'Amount',
          kind: 'money',
          initial: round.state === 'approved' ? (round.funding_due ?? '') : (round.funding_difference ?? ''),
        },
      ];
    case 'report':
      return [
        {
          name: 'spend',
          label: 'Actual spend',
          kind: 'money',
          required: true,
          initial: round.actual_spend ?? round.planned_spend,
        },
      ];
    case 'settle':
      return [on, { name: 'amount', label: 'Amount', kind: 'money', required: true, initial: round.balance }];
    case 'decline':
    case 'step_back':
    case 'void':
      return [REASON];
    default:
      return [];
  }
}
