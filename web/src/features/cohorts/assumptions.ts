import { queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import type { Scenario } from '@/api/types';
import { formatPercent, humanise } from '@/lib/format';
import { cohortKey } from './queries';

/** What is assumed of months to come: `model`, `churn`, or `scenario:` and its name. */
export type By = string;

const SCENARIO = 'scenario:';

export const scenarioOf = (by: By): string | undefined =>
  by.startsWith(SCENARIO) ? by.slice(SCENARIO.length) : undefined;

export const byScenario = (name: string): By => SCENARIO + name;

/** The assumptions one may choose from. */
export const assumptionOptions = (scenarios: readonly Scenario[]): { value: By; label: string }[] => [
  { value: 'model', label: 'The best model' },
  ...scenarios.map(({ name, churn }) => ({
    value: byScenario(name),
    label: `${humanise(name)}, ${formatPercent(churn)} churn`,
  })),
  { value: 'churn', label: 'A churn of' },
];

const USUAL = ['worst', 'average', 'best'];

/** Worst, average and best first, then the others by name. */
export function inOrder(scenarios: readonly Scenario[]): Scenario[] {
  const rank = ({ name }: Scenario) => (USUAL.includes(name) ? USUAL.indexOf(name) : USUAL.length);
  return scenarios.toSorted((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

export const scenariosQuery = (companyId: string) =>
  queryOptions({
    queryKey: [...cohortKey(companyId), 'scenarios'],
    queryFn: async () => {
      const params = { path: { company_id: Number(companyId) }, query: { limit: 1000 } };
      return inOrder((await http.GET('/api/v1/companies/{company_id}/scenarios', { params })).data!.items);
    },
  });
