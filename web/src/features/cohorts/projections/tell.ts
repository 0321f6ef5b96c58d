import { formatPercent } from '@/lib/format';
import type { Change, VersionItem } from '@/ui';
import type { ScenarioVersion } from './queries';

const WORDS: [label: string, said: (one: ScenarioVersion) => string][] = [
  ['Name', ({ name }) => name],
  ['First month', ({ m0 }) => formatPercent(m0)],
  ['Churn a month', ({ churn }) => formatPercent(churn)],
];

const changes = (before: ScenarioVersion, after: ScenarioVersion): Change[] =>
  WORDS.flatMap(([label, said]) =>
    said(before) === said(after) ? [] : [{ label, before: said(before), after: said(after) }],
  );

/** The history of a scenario, newest first. */
export function tellScenario(
  versions: readonly ScenarioVersion[],
  by: (id: number | null) => string,
): VersionItem[] {
  return versions
    .map((one, index) => {
      const before = versions[index - 1];
      return {
        key: String(one.version),
        at: one.recorded_at,
        title: one.voided_at
          ? `Voided: ${one.void_reason ?? 'no reason given'}`
          : before
            ? 'Saved anew'
            : 'Saved',
        by: by(one.recorded_by),
        changes: before ? changes(before, one) : [],
      };
    })
    .reverse();
}
