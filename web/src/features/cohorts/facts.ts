import { http } from '@/api/client';
import type { FieldSpec } from '@/ui';

type Path = '/api/v1/companies/{company_id}/spends' | '/api/v1/companies/{company_id}/payments';
type TermsPath = '/api/v1/companies/{company_id}/trades' | '/api/v1/companies/{company_id}/thresholds';

/** One kind of fact about a company's cohorts: what is asked, and where it goes. */
export interface CohortFact {
  id: string;
  label: string;
  hint: string;
  /** The operation that records it. */
  needs: 'cohort_data.change' | 'cohort_terms.change';
  path: Path | TermsPath;
  fields: FieldSpec[];
}

const month: FieldSpec = {
  name: 'cohort_month',
  label: 'Cohort month',
  kind: 'date',
  required: true,
  description: 'The first day of the month, such as 2026-03-01',
};

export const COHORT_FACTS: CohortFact[] = [
  {
    id: 'spend',
    label: 'Spend',
    hint: 'What was spent in a month to win its customers',
    needs: 'cohort_data.change',
    path: '/api/v1/companies/{company_id}/spends',
    fields: [month, { name: 'spend', label: 'Spend', kind: 'money', required: true }],
  },
  {
    id: 'payment',
    label: 'Payment',
    hint: 'What a customer paid; a refund is negative',
    needs: 'cohort_data.change',
    path: '/api/v1/companies/{company_id}/payments',
    fields: [
      { name: 'customer_id', label: 'Customer', kind: 'text', required: true },
      { name: 'payment_date', label: 'Paid on', kind: 'date', required: true },
      { name: 'amount', label: 'Amount', kind: 'money', required: true },
      { name: 'reference_id', label: 'Reference', kind: 'text', description: 'The payment’s own number' },
    ],
  },
  {
    id: 'trade',
    label: 'Trade',
    hint: 'The fund pays its share of the month’s spend and collects it from the payments, until the cap',
    needs: 'cohort_terms.change',
    path: '/api/v1/companies/{company_id}/trades',
    fields: [
      month,
      { name: 'sharing_percentage', label: 'Share', kind: 'percent', required: true },
      { name: 'cash_cap', label: 'Cap', kind: 'money', description: 'Left empty: no cap' },
      {
        name: 'planned_spend',
        label: 'Planned spend',
        kind: 'money',
        description: 'What the cap was agreed for',
      },
      {
        name: 'target_irr',
        label: 'Target IRR',
        kind: 'percent',
        description: 'The rate at which collecting ends',
      },
    ],
  },
  {
    id: 'threshold',
    label: 'Minimum',
    hint: 'The least payments, as a share of the spend, in a period; below it all of that month is collected',
    needs: 'cohort_terms.change',
    path: '/api/v1/companies/{company_id}/thresholds',
    fields: [
      {
        name: 'payment_period_month',
        label: 'Period',
        kind: 'number',
        required: true,
        description: '0 is the cohort month',
      },
      { name: 'minimum_payment_percent', label: 'Minimum', kind: 'percent', required: true },
    ],
  },
];

export async function recordFact(
  companyId: string,
  fact: CohortFact,
  body: Record<string, unknown>,
): Promise<void> {
  // A period is counted: the API takes it as a number.
  const period = body.payment_period_month;
  const sent = period === undefined ? body : { ...body, payment_period_month: Number(period) };
  await http.POST(fact.path, { params: { path: { company_id: Number(companyId) } }, body: sent as never });
}
