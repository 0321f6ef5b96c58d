import { http } from '@/api/client';

/** The holdings of a fund whose company or name contains the text. */
export const searchHoldings = (fundId: number) => async (text: string) => {
  const { data } = await http.GET('/api/v1/performance/holdings', { params: { query: { fund_id: fundId } } });
  const term = text.trim().toLowerCase();
  return data!.items
    .map((row) => ({ value: String(row.holding_id), label: `${row.company}, ${row.name}` }))
    .filter((option) => option.label.toLowerCase().includes(term));
};
