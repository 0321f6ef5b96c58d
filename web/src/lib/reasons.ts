import { humanise } from './format';

/** Why a figure is not there, in words; docs/concepts/performance.md has the codes. A code unknown here is shown as words. */
const REASONS: Record<string, string> = {
  nothing_paid_in: 'nothing has been paid in yet',
  nothing_invested: 'nothing has been invested yet',
  nothing_recorded: 'nothing is recorded yet',
  commitment_unknown: 'the commitment is not known',
  no_nav_reported: 'no net asset value has been reported up to this date',
  no_fx_rate: 'an exchange rate is missing',
  opening_balances: 'only opening balances are known, not the dates of the flows',
  several_currencies: 'the amounts are in several currencies',
  not_published: 'the deals of the fund are not published to you',
  too_few_investors: 'too few investors take part to publish what all have together',
  not_between_investors_and_a_fund: 'only funds and their investors have net figures',
  no_flows: 'there are no cash flows up to this date',
  no_positive_flow: 'no money has come back, so no rate exists',
  no_negative_flow: 'no money has gone out, so no rate exists',
  no_root: 'no rate solves these flows',
  only_far_roots: 'only rates beyond all measure solve these flows',
  not_representable: 'the rate is too extreme for a number',
  none: 'no rate solves these flows',
  multiple_roots: 'more than one rate solves these flows',
  under_one_year: 'the flows span less than a year',
};

export function reasonText(code: string | null | undefined): string {
  if (!code) return 'not available';
  return REASONS[code] ?? humanise(code).toLowerCase();
}
