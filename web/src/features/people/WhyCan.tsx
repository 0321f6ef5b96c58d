import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { searchScopes } from '@/api/entities';
import type { Access, Person } from '@/api/types';
import { humanise } from '@/lib/format';
import { ErrorBlock, EntitySelect, LoadingBlock, Note, Pair, RowList, Select, Stack, StatusPill } from '@/ui';
import { accessQuery } from './queries';

const KINDS = ['fund', 'vehicle', 'company', 'investor'];

/** Asks the server why a person sees a record: the grant and the rule that let them, or what is missing. */
export function WhyCan({ person }: { person: Person }) {
  const [kind, setKind] = useState('fund');
  const [id, setId] = useState('');
  const answer = useQuery({ ...accessQuery(person.id, `${kind}:${id}`), enabled: id !== '' });
  return (
    <Stack>
      <Pair>
        <Select
          label="Kind of record"
          data={KINDS.map((value) => ({ value, label: humanise(value) }))}
          value={kind}
          onChange={(value) => {
            setKind(value ?? 'fund');
            setId('');
          }}
        />
        <EntitySelect
          key={kind}
          label="Record"
          name={`why-${kind}`}
          load={searchScopes(kind)}
          value={id}
          onChange={setId}
        />
      </Pair>
      {id !== '' &&
        (answer.isError ? (
          <ErrorBlock error={answer.error} what="the reason" onRetry={() => void answer.refetch()} />
        ) : answer.data ? (
          <Reason answer={answer.data} />
        ) : (
          <LoadingBlock size="s" label="the reason" />
        ))}
    </Stack>
  );
}

function Reason({ answer }: { answer: Access }) {
  const rules = answer.sees ? [...answer.rules, answer.operation] : [answer.operation];
  return (
    <div role="status">
      <p>
        <StatusPill tone={answer.sees ? 'pos' : 'neutral'}>
          {answer.sees ? 'Sees it' : 'Does not see it'}
        </StatusPill>{' '}
        {answer.missing}
      </p>
      <RowList
        label="Rules"
        rows={rules.map((rule) => ({ key: rule.row, text: `${rule.row}: ${rule.says}` }))}
      />
      {answer.hidden_fields.length > 0 && (
        <Note>
          Without its {answer.hidden_fields.map((field) => humanise(field).toLowerCase()).join(', ')}.
        </Note>
      )}
    </div>
  );
}
