import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useMay } from '@/api/abilities';
import { usePeopleNames } from '@/api/people';
import type { Scenario } from '@/api/types';
import { formatPercent, humanise } from '@/lib/format';
import {
  Actions,
  Button,
  DetailList,
  EntryForm,
  type FieldSpec,
  FormDrawer,
  FormStack,
  IconBan,
  Loaded,
  Note,
  notify,
  Section,
  Stack,
  VersionList,
} from '@/ui';
import { cohortKey } from '../queries';
import { scenarioVersionsQuery, voidScenario } from './queries';
import { tellScenario } from './tell';

const REASON: FieldSpec[] = [
  { name: 'reason', label: 'Reason', kind: 'prose', required: true, description: 'Kept with the scenario' },
];

interface Props {
  companyId: string;
  scenario: Scenario;
  onVoided: () => void;
  onClose: () => void;
}

/** One scenario: what it assumes, what it was before, and its voiding. Saving under its name corrects it. */
export function ScenarioDrawer({ companyId, scenario, onVoided, onClose }: Props) {
  const [voiding, setVoiding] = useState(false);
  return (
    <FormDrawer
      opened
      onClose={onClose}
      title={voiding ? 'Void: scenario' : 'Scenario'}
      sub={humanise(scenario.name)}
    >
      {voiding ? (
        <Void
          companyId={companyId}
          scenario={scenario}
          onDone={() => setVoiding(false)}
          onVoided={onVoided}
        />
      ) : (
        <Read companyId={companyId} scenario={scenario} onVoid={() => setVoiding(true)} />
      )}
    </FormDrawer>
  );
}

function Read({
  companyId,
  scenario,
  onVoid,
}: {
  companyId: string;
  scenario: Scenario;
  onVoid: () => void;
}) {
  const mayChange = useMay('cohort_terms.change');
  const mayReadHistory = useMay('history.read');
  return (
    <Stack>
      <DetailList
        items={[
          { label: 'First month', value: formatPercent(scenario.m0) },
          { label: 'Churn a month', value: formatPercent(scenario.churn) },
        ]}
      />
      {mayChange && (
        <Actions>
          <Button variant="default" leftSection={<IconBan size={16} />} onClick={onVoid}>
            Void
          </Button>
        </Actions>
      )}
      {mayReadHistory && <History companyId={companyId} id={scenario.id} />}
    </Stack>
  );
}

function History({ companyId, id }: { companyId: string; id: number }) {
  const by = usePeopleNames();
  const versions = useQuery(scenarioVersionsQuery(companyId, id));
  return (
    <Section title="History">
      <Loaded query={versions} what="the history" size="s">
        {(found) => <VersionList items={tellScenario(found, by)} label="History" />}
      </Loaded>
    </Section>
  );
}

interface VoidProps extends Omit<Props, 'onClose'> {
  onDone: () => void;
}

function Void({ companyId, scenario, onDone, onVoided }: VoidProps) {
  const cache = useQueryClient();
  const action = useMutation({
    mutationFn: (reason: string) => voidScenario(companyId, scenario.id, reason),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: cohortKey(companyId) });
      notify('Voided', humanise(scenario.name));
      onVoided();
    },
  });
  return (
    <FormStack>
      <Note>It cannot be chosen any more; what it was stays in its history.</Note>
      <EntryForm
        fields={REASON}
        currency=""
        submitLabel="Void"
        onSubmit={(values) => action.mutate(values.reason ?? '')}
        onCancel={onDone}
        pending={action.isPending}
        error={action.error}
      />
    </FormStack>
  );
}
