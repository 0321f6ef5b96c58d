import { http } from '@/api/client';
import { searchBy } from '@/api/entities';
import type { Fund } from '@/api/types';
import { today } from '@/lib/dates';
import { humanise } from '@/lib/format';
import { type FieldSpec, type FormValues, newName, toBody } from '@/ui';
import { searchHoldings } from './queries';

type Body = Record<string, string | number | boolean>;

type EntryPath =
  | '/api/v1/investments'
  | '/api/v1/transactions'
  | '/api/v1/marks'
  | '/api/v1/capital-calls'
  | '/api/v1/distributions'
  | '/api/v1/vehicle-entries'
  | '/api/v1/reported-navs'
  | '/api/v1/commitments';

/** One kind of entry: what is asked, and what is sent where. */
export interface EntryKind {
  id: string;
  /** The operation that records it. */
  needs: string;
  label: string;
  hint: string;
  path: EntryPath;
  fields: FieldSpec[];
  body: (values: FormValues) => Body;
}

const choices = (...codes: string[]) => codes.map((value) => ({ value, label: humanise(value) }));

const date = (name: string, label: string): FieldSpec => ({
  name,
  label,
  kind: 'date',
  required: true,
  initial: today(),
});

const maybeDate = (name: string, label: string, description?: string): FieldSpec => ({
  name,
  label,
  kind: 'date',
  description,
});

const money = (name: string, label: string, required = true, description?: string): FieldSpec => ({
  name,
  label,
  kind: 'money',
  required,
  description,
});

const memo: FieldSpec = { name: 'memo', label: 'Note', kind: 'prose' };
const purpose: FieldSpec = { name: 'purpose', label: 'Purpose', kind: 'prose' };

/** The kinds of entry a fund's ledger takes, booked in its main vehicle. */
export function entryKinds(fund: Fund): EntryKind[] {
  const inFund = (fields: FieldSpec[], ...ids: string[]) => ({
    fields,
    body: (values: FormValues): Body => ({ ...withIds(fields, values, ids), fund_id: fund.id }),
  });
  const onHolding = (...rest: FieldSpec[]) => {
    const fields = [holdingField(fund), ...rest];
    return { fields, body: (values: FormValues): Body => withIds(fields, values, ['holding_id']) };
  };
  return [
    {
      id: 'investment',
      needs: 'investment.change',
      label: 'Investment',
      hint: 'A first purchase in a company, which may be new',
      path: '/api/v1/investments',
      fields: INVESTMENT,
      body: (values) => ({ ...investmentBody(values), fund_id: fund.id }),
    },
    {
      id: 'transaction',
      needs: 'investment.change',
      label: 'Transaction',
      hint: 'A follow-on, proceeds, income or a write-off of something held',
      path: '/api/v1/transactions',
      ...onHolding(...TRANSACTION),
    },
    {
      id: 'mark',
      needs: 'valuation.change',
      label: 'Valuation mark',
      hint: 'The fair value of something held, on a day',
      path: '/api/v1/marks',
      ...onHolding(...MARK),
    },
    {
      id: 'call',
      needs: 'capital.change',
      label: 'Capital call',
      hint: 'Money asked from all investors, split by commitment to the cent',
      path: '/api/v1/capital-calls',
      ...inFund(CALL),
    },
    {
      id: 'distribution',
      needs: 'capital.change',
      label: 'Distribution',
      hint: 'Money paid out to all investors, split by commitment to the cent',
      path: '/api/v1/distributions',
      ...inFund(DISTRIBUTION),
    },
    {
      id: 'entry',
      needs: 'capital.change',
      label: 'Fee, expense or income',
      hint: 'The fund’s own money',
      path: '/api/v1/vehicle-entries',
      ...inFund(ENTRY),
    },
    {
      id: 'nav',
      needs: 'reported_nav.change',
      label: 'Reported NAV',
      hint: 'A net asset value as its administrator reported it',
      path: '/api/v1/reported-navs',
      ...inFund(REPORTED),
    },
    {
      id: 'commitment',
      needs: 'capital.change',
      label: 'Commitment',
      hint: 'What an investor promised at a closing',
      path: '/api/v1/commitments',
      ...inFund(COMMITMENT, 'investor_id'),
    },
  ];
}

/** The body with the named fields as the whole numbers that ids are. */
function withIds(fields: FieldSpec[], values: FormValues, ids: string[]): Body {
  const body = toBody(fields, values);
  const numbers = ids.filter((name) => name in body).map((name) => [name, Number(body[name])] as const);
  return { ...body, ...Object.fromEntries(numbers) };
}

const INVESTMENT: FieldSpec[] = [
  {
    name: 'company_id',
    label: 'Company',
    kind: 'entity',
    entity: 'companies',
    load: searchBy('/api/v1/companies'),
    required: true,
    creatable: true,
  },
  date('invested_on', 'Date'),
  money('amount', 'Amount invested'),
  { name: 'ownership', label: 'Stake acquired', kind: 'percent' },
  money('valuation_at_investment', 'Value of all its equity then', false, 'Post-money'),
  maybeDate('exit_date', 'Exit', 'Only where it has already ended'),
  money('exit_amount', 'Exit proceeds', false),
  maybeDate('write_off_on', 'Written off'),
  memo,
];

function investmentBody(values: FormValues): Body {
  const { company_id: company, ...body } = withIds(INVESTMENT, values, []);
  const name = newName(String(company));
  return name === null ? { ...body, company_id: Number(company) } : { ...body, company_name: name };
}

const holdingField = (fund: Fund): FieldSpec => ({
  name: 'holding_id',
  label: 'Holding',
  kind: 'entity',
  entity: `holdings-${fund.id}`,
  load: searchHoldings(fund.id),
  required: true,
});

export const TRANSACTION: FieldSpec[] = [
  {
    name: 'kind',
    label: 'Kind',
    kind: 'choice',
    required: true,
    initial: 'follow_on',
    options: choices('purchase', 'follow_on', 'proceeds', 'dividend', 'interest', 'fee', 'write_off'),
  },
  date('transacted_on', 'Date'),
  money('amount', 'Amount', true, 'Never negative: the kind says which way the cash went'),
  { name: 'quantity', label: 'Units', kind: 'number', description: 'Bought, or given for the proceeds' },
  { name: 'ownership', label: 'Stake', kind: 'percent', description: 'Of the company, gained or given up' },
  {
    name: 'disposed_share',
    label: 'Share of the holding that ends',
    kind: 'percent',
    description: 'For proceeds and write-offs: 100 is all of it',
  },
  memo,
];

export const MARK: FieldSpec[] = [
  date('measured_on', 'Measured on'),
  money('fair_value', 'Fair value'),
  {
    name: 'method',
    label: 'Method',
    kind: 'choice',
    required: true,
    initial: 'last_round',
    options: choices(
      'cost',
      'last_round',
      'multiples',
      'dcf',
      'opm',
      'market_price',
      'net_assets',
      'offer',
      'other',
    ),
  },
  memo,
];

export const CALL: FieldSpec[] = [
  {
    name: 'kind',
    label: 'Kind',
    kind: 'choice',
    required: true,
    initial: 'call',
    options: choices('call', 'adjustment'),
  },
  date('called_on', 'Called on'),
  date('due_on', 'Due on'),
  maybeDate('paid_on', 'Paid on', 'When all investors had paid; until then it is called, not paid in'),
  money('investments', 'For investments', false),
  money('fees', 'For fees', false),
  money('expenses', 'For expenses', false),
  purpose,
];

export const DISTRIBUTION: FieldSpec[] = [
  date('declared_on', 'Declared on'),
  date('due_on', 'Due on'),
  maybeDate('paid_on', 'Paid on', 'When all investors had been paid'),
  money('return_of_capital', 'Return of capital', false),
  money('gains', 'Gains', false),
  money('income', 'Income', false),
  money('recallable', 'Of it recallable', false, 'The part that may be called again'),
  purpose,
];

export const ENTRY: FieldSpec[] = [
  {
    name: 'kind',
    label: 'Kind',
    kind: 'choice',
    required: true,
    initial: 'management_fee',
    options: choices('management_fee', 'expense', 'income', 'liability', 'accrued_carry'),
    description: 'Liabilities and accrued carry are balances: the latest one counts',
  },
  date('entered_on', 'Date'),
  money('amount', 'Amount'),
  memo,
];

export const REPORTED: FieldSpec[] = [
  date('reported_on', 'Date of the value'),
  money('amount', 'Net asset value'),
  { name: 'source', label: 'Source', kind: 'text' },
];

export const COMMITMENT: FieldSpec[] = [
  {
    name: 'investor_id',
    label: 'Investor',
    kind: 'entity',
    entity: 'investors',
    load: searchBy('/api/v1/investors'),
    required: true,
  },
  date('committed_on', 'Closing'),
  money('amount', 'Commitment'),
];

export async function recordEntry(kind: EntryKind, values: FormValues): Promise<void> {
  // Each kind's body is made for its own path; the server checks it.
  await http.POST(kind.path, { body: kind.body(values) as never });
}
