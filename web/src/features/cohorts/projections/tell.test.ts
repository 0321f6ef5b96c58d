import { expect, it } from 'vitest';
import type { ScenarioVersion } from './queries';
import { tellScenario } from './tell';

const version = (more: Partial<ScenarioVersion>) =>
  ({
    version: 1,
    name: 'average',
    m0: '0.3',
    churn: '0.1',
    recorded_at: '2026-01-05T10:00:00Z',
    recorded_by: 3,
    voided_at: null,
    void_reason: null,
    ...more,
  }) as ScenarioVersion;

it('tells what was saved of a scenario, newest first, with what changed', () => {
  const told = tellScenario(
    [
      version({}),
      version({ version: 2, churn: '0.2' }),
      version({ version: 3, churn: '0.2', voided_at: 'x', void_reason: 'never meant' }),
    ],
    () => 'by you',
  );
  expect(told.map(({ title }) => title)).toEqual(['Voided: never meant', 'Saved anew', 'Saved']);
  expect(told.map(({ changes }) => changes?.length)).toEqual([0, 1, 0]);
});
