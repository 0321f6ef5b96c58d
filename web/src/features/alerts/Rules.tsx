import { useQuery } from '@tanstack/react-query';
import { useMay } from '@/api/abilities';
import { KeptList, Loaded, MainAside } from '@/ui';
import { definitionsQuery, type Rule, rulesQuery, voidRule } from './queries';
import { RuleEditor } from './RuleEditor';
import { Settings } from './Settings';
import { ruleText, SEVERITIES } from './words';

/** When metrics raise alerts, and what the firm bears before it is told. */
export function Rules() {
  const rules = useQuery(rulesQuery);
  const definitions = useQuery(definitionsQuery);
  const mayChange = useMay('alert_rule.change');
  const noteOf = (rule: Rule): string =>
    [
      ruleText(
        rule,
        definitions.data?.find(({ key }) => key === rule.metric),
      ),
      SEVERITIES[rule.severity].toLowerCase(),
      companiesText(rule.company_ids.length),
    ].join(' · ');
  return (
    <MainAside>
      <KeptList<Rule>
        title="Rules on metrics"
        sub="Looked at with every change of a figure, and every morning"
        label="Rules"
        fetched={(show) => (
          <Loaded query={rules} what="the rules" size="m">
            {({ items }) => (
              <Loaded query={definitions} what="the metrics" size="m">
                {() => show(items)}
              </Loaded>
            )}
          </Loaded>
        )}
        empty={{
          title: 'No rules yet',
          hint: 'A floor, a ceiling, a change, or a period without a figure.',
        }}
        note={noteOf}
        mayChange={mayChange}
        add="Add a rule"
        end={{
          word: 'Take back',
          effect: ({ name }) => `“${name}” raises nothing any more, and its alerts close.`,
          run: voidRule,
          done: 'Taken back',
        }}
        stale={['alerts']}
        editor={(known, onDone) => (
          <Loaded query={definitions} what="the metrics" size="m">
            {(all) => <RuleEditor known={known} definitions={all} mayChange={mayChange} onDone={onDone} />}
          </Loaded>
        )}
      />
      <Settings mayChange={mayChange} />
    </MainAside>
  );
}

function companiesText(count: number): string {
  if (count === 0) return 'all companies';
  return count === 1 ? '1 company' : `${count} companies`;
}
