import { expect, it } from 'vitest';
import type { Scenario } from '@/api/types';
import { assumptionOptions, byScenario, inOrder, scenarioOf } from './assumptions';

const scenario = (name: string) => ({ name, churn: '0.1', m0: '0.3' }) as Scenario;

it('offers worst, average and best before scenarios of other names', () => {
  const named = inOrder(['Spring', 'best', 'Autumn', 'worst', 'average'].map(scenario));
  expect(named.map(({ name }) => name)).toEqual(['worst', 'average', 'best', 'Autumn', 'Spring']);
  expect(assumptionOptions(named.slice(0, 1)).map(({ label }) => label)).toEqual([
    'The best model',
    'Worst, 10.0% churn',
    'A churn of',
  ]);
});

it('tells a scenario from a model and a churn', () => {
  expect(scenarioOf(byScenario('Spring: high'))).toBe('Spring: high');
  expect([scenarioOf('model'), scenarioOf('churn')]).toEqual([undefined, undefined]);
});
