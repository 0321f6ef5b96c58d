/** What a payment is made of, and what else a file may say. */
export const FIELDS = [
  { name: 'customer_id', label: 'Customer', required: true },
  { name: 'payment_date', label: 'Paid on', required: true },
  { name: 'amount', label: 'Amount', required: true },
  { name: 'reference_id', label: 'Reference', required: false },
  { name: 'cohort_month', label: 'Cohort month (only compared)', required: false },
];

/** The mapping after a field was given a column, or none: an empty name leaves out what the server would suggest. */
export function mapped(
  mapping: Record<string, string>,
  field: string,
  column: string | null,
): Record<string, string> {
  return { ...mapping, [field]: column ?? '' };
}
