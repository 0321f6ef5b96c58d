import { useQuery } from '@tanstack/react-query';
import { useMay } from '@/api/abilities';
import { currenciesQuery, reportingCurrenciesQuery } from '@/api/currencies';

/** What figures can be read in: the named ones, then those the firm reports in, then all others by their code. */
export function useCurrencyChoices(...named: (string | undefined)[]): string[] {
  const rated = useQuery({ ...currenciesQuery, enabled: useMay('fx_rate.read') });
  const codes = rated.data?.items.map(({ code }) => code) ?? [];
  const usual = useQuery(reportingCurrenciesQuery).data?.currencies ?? [];
  const first = [...named, ...usual].filter((code) => code !== undefined);
  return [...new Set([...first, ...codes.toSorted()])];
}
