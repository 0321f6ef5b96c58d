import type { Approval, Effect } from '@/api/types';
import { changesOf, type FieldChange } from '@/lib/changes';
import { formatMoney, humanise } from '@/lib/format';

export const STATES: Record<Approval['state'], string> = {
  pending: 'Waiting',
  approved: 'Approved',
  refused: 'Refused',
  withdrawn: 'Withdrawn',
};

export const KINDS: Record<Approval['kind'], string> = {
  capital_call: 'Capital calls',
  distribution: 'Distributions',
  payment: 'Payments',
  mark: 'Marks',
  grant: 'Grants',
  funding: 'Funding of cohorts',
};

const ASKED: Record<string, string> = {
  issue_capital_call: 'Issue a capital call',
  change_capital_call: 'Change capital call',
  void_capital_call: 'Void capital call',
  receive_capital_call: 'Record payments of capital call',
  declare_distribution: 'Declare a distribution',
  change_distribution: 'Change distribution',
  void_distribution: 'Void distribution',
  pay_distribution: 'Record payments of distribution',
  create_mark: 'Record a valuation mark',
  update_mark: 'Change valuation mark',
  void_mark: 'Void valuation mark',
  create_grant: 'Give a grant',
  create_invitation: 'Invite somebody',
  create_user: 'Add a user',
  change_user: 'Change the role of user',
  approve_monthly_round: 'Approve the plan of monthly round',
  commit_import: 'Record import',
  undo_import: 'Undo import',
};

/** "Change capital call 12": what is asked for. */
export function askedFor({ operation, about }: Pick<Approval, 'operation' | 'about'>): string {
  const kind = /^relax_(.+)$/.exec(operation)?.[1];
  if (kind) return `Let ${KINDS[kind as Approval['kind']]?.toLowerCase() ?? humanise(kind)} wait no longer`;
  const words = ASKED[operation] ?? humanise(operation);
  return about === null ? words : `${words} ${about}`;
}

const AMOUNTS = new Set(
  'amount investments fees expenses return_of_capital gains income recallable fair_value'.split(' '),
);
/** What ties rows together; their titles say it in words. */
const TIES = new Set(
  'vehicle_id investor_id fund_id holding_id company_id user_id token_id capital_call_id distribution_id batch_id scope_id'.split(
    ' ',
  ),
);

type Sides = Record<string, unknown> | null;

/** The columns of a row that people decide about, amounts in the currency of the books. */
export function effectChanges({ before, after }: Effect, currency: string | null): FieldChange[] {
  return changesOf({ before: told(before, currency), after: told(after, currency) }).filter(
    ({ before: was, after: is }) => was !== null || is !== null,
  );
}

function told(side: Sides, currency: string | null): Sides {
  if (side === null) return null;
  const kept = Object.entries(side).filter(([name]) => !TIES.has(name));
  return Object.fromEntries(
    kept.map(([name, value]) => [name, AMOUNTS.has(name) ? money(value, currency) : value]),
  );
}

function money(value: unknown, currency: string | null): string | null {
  if (value === null || value === undefined) return null;
  return formatMoney(String(value), currency ? { currency } : { symbol: false });
}

/** New lines, which read best as who and how much; the other rows are told field by field. */
export function newLines(effect: Effect[]): [lines: Effect[], others: Effect[]] {
  const isLine = ({ noun, action, after }: Effect) =>
    noun.endsWith('_line') && action === 'create' && typeof after?.amount === 'string';
  return [effect.filter(isLine), effect.filter((row) => !isLine(row))];
}

/** Nobody decides about what they asked for themselves. */
export const isMine = (request: Pick<Approval, 'maker'>, userId: number | undefined): boolean =>
  userId !== undefined && request.maker === `user:${userId}`;
