import { searchBy } from '@/api/entities';
import type { Fund } from '@/api/types';
import { today } from '@/lib/dates';
import { humanise } from '@/lib/format';
import { type FieldSpec, type FormValues, toBody } from '@/ui';

/** One kind of entry: what is asked, and what is sent where. */
export interface EntryKind {
  id: string;
  label: string;
  hint: string;
  path: string;
  fields: FieldSpec[];
  body: (values: FormValues) => Record<string, unknown>;
}

const choices = (...codes: string[]) => codes.map((value) => ({ value, label: humanise(value) }));
const date = (name: string, label: string): FieldSpec => ({
  name,
  label,
  kind: 'date',
  required: true,
  initial: today(),
});
const money = (name: string, label: string, description?: string): FieldSpec => ({
  name,
  label,
  kind: 'money',
  required: true,
  description,
});
const memo: FieldSpec = { name: 'memo', label: 'Note', kind: 'prose' };

/** The kinds of entry a fund's ledger takes; the fund's main vehicle is where they are booked. */
export function entryKinds(fund: Fund): EntryKind[] {
  const vehicle = { vehicle_id: fund.main_vehicle_id };
  const ids = (values: FormValues, ...names: string[]) =>
    Object.fromEntries(names.flatMap((name) => (values[name] ? [[name, Number(values[name])]] : [])));
  const kind = (
    spec: Omit<EntryKind, 'body'>,
    { idFields = [] as string[], inVehicle = true } = {},
  ): EntryKind => ({
    ...spec,
    body: (values) => ({
      ...toBody(spec.fields, values),
      ...ids(values, ...idFields),
      ...(inVehicle ? vehicle : {}),
    }),
  });
  const company: FieldSpec = {
    name: 'company_id',
    label: 'Company',
    kind: 'entity',
    entity: 'companies',
    load: searchBy('/api/v1/companies'),
    required: true,
  };
  const holding: FieldSpec = {
    name: 'holding_id',
    label: 'Holding',
    kind: 'entity',
    entity: `holdings-${fund.id}`,
    load: searchBy('/api/v1/holdings', { fund_id: fund.id }),
    required: true,
  };
  const investor: FieldSpec = {
    name: 'investor_id',
    label: 'Investor',
    kind: 'entity',
    entity: 'investors',
    load: searchBy('/api/v1/investors'),
    required: true,
  };
  return [
    kind(
      {
        id: 'investment',
        label: 'Investment',
        hint: 'A first purchase in a company',
        path: '/api/v1/investments',
        fields: [
          company,
          date('invested_on', 'Date'),
          money('amount', 'Amount invested'),
          { name: 'ownership', label: 'Stake acquired', kind: 'percent' },
          memo,
        ],
      },
      { idFields: ['company_id'] },
    ),
    kind(
      {
        id: 'transaction',
        label: 'Transaction',
        hint: 'A follow-on, proceeds, income or a write-off of something held',
        path: '/api/v1/transactions',
        fields: [
          holding,
          {
            name: 'kind',
            label: 'Kind',
            kind: 'choice',
            required: true,
            initial: 'follow_on',
            options: choices('purchase', 'follow_on', 'proceeds', 'dividend', 'interest', 'fee', 'write_off'),
          },
          date('transacted_on', 'Date'),
          money('amount', 'Amount', 'Always positive: the kind says which way the cash went'),
          {
            name: 'disposed_share',
            label: 'Share of the holding sold or written off',
            kind: 'percent',
            description: '100 is a full exit',
          },
          memo,
        ],
      },
      { idFields: ['holding_id'], inVehicle: false },
    ),
    kind(
      {
        id: 'mark',
        label: 'Valuation mark',
        hint: 'The fair value of something held, on a day',
        path: '/api/v1/marks',
        fields: [
          holding,
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
        ],
      },
      { idFields: ['holding_id'], inVehicle: false },
    ),
    kind({
      id: 'call',
      label: 'Capital call',
      hint: 'Money asked from all investors, split by commitment',
      path: '/api/v1/capital-calls',
      fields: [
        date('called_on', 'Called on'),
        date('due_on', 'Due on'),
        money('amount', 'Total', 'Split over the investors by commitment, to the cent'),
        { name: 'purpose', label: 'Purpose', kind: 'prose' },
      ],
    }),
    kind({
      id: 'distribution',
      label: 'Distribution',
      hint: 'Money paid out to all investors, split by commitment',
      path: '/api/v1/distributions',
      fields: [
        date('declared_on', 'Declared on'),
        date('due_on', 'Paid on'),
        money('amount', 'Total', 'Split over the investors by commitment, to the cent'),
        { name: 'recallable', label: 'May be called again', kind: 'flag' },
        { name: 'purpose', label: 'Purpose', kind: 'prose' },
      ],
    }),
    kind({
      id: 'entry',
      label: 'Fee, expense or income',
      hint: 'The fund’s own money',
      path: '/api/v1/vehicle-entries',
      fields: [
        {
          name: 'kind',
          label: 'Kind',
          kind: 'choice',
          required: true,
          initial: 'management_fee',
          options: choices('management_fee', 'expense', 'income', 'liability', 'accrued_carry'),
        },
        date('entered_on', 'Date'),
        money('amount', 'Amount'),
        memo,
      ],
    }),
    kind({
      id: 'nav',
      label: 'Reported NAV',
      hint: 'A net asset value as its administrator reported it',
      path: '/api/v1/reported-navs',
      fields: [
        date('reported_on', 'Date of the value'),
        money('amount', 'Net asset value'),
        { name: 'source', label: 'Source', kind: 'text' },
      ],
    }),
    kind(
      {
        id: 'commitment',
        label: 'Commitment',
        hint: 'What an investor promised at a closing',
        path: '/api/v1/commitments',
        fields: [investor, date('committed_on', 'Closing'), money('amount', 'Commitment')],
      },
      { idFields: ['investor_id'] },
    ),
  ];
}
