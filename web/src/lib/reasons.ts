import { humanise } from './format';

/** Why a figure is not there, in words. The API sends a code; a code unknown here is shown as words. */
const REASONS: Record<string, string> = {
  nothing_paid_in: 'nothing has been paid in yet',
  nothing_invested: 'nothing has been invested yet',
  no_commitment: 'no commitment is known',
  commitment_unknown: 'the commitment is not known',
  no_nav: 'no net asset value is known at this date',
  no_mark: 'no valuation mark at this date',
  no_flows: 'there are no cash flows up to this date',
  no_dated_flows: 'only opening balances are known, not the dates of the flows',
  opening_balance: 'only opening balances are known, not the dates of the flows',
  none: 'no rate solves these flows',
  no_sign_change: 'the flows all run one way, so no rate exists',
  multiple_roots: 'more than one rate solves these flows',
  under_one_year: 'the flows span less than a year',
  mixed_currencies: 'the amounts are in several currencies',
  no_fx_rate: 'an exchange rate is missing',
};

export function reasonText(code: string | null | undefined): string {
  if (!code) return 'not available';
  return REASONS[code] ?? humanise(code).toLowerCase();
}
