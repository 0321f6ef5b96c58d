import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMay } from '@/api/abilities';
import type { Approval } from '@/api/types';
import { Card, CardBody, CardHead, FormError, FormStack, Loaded, Note, notify, Switch } from '@/ui';
import { approvalRulesQuery, setApprovalRule } from './queries';

const WORDS: Record<Approval['kind'], [label: string, description: string]> = {
  capital_call: ['Capital calls', 'Issuing, changing and voiding them'],
  distribution: ['Distributions', 'Declaring, changing and voiding them'],
  payment: ['Payments', 'On which day lines of calls and distributions were paid'],
  mark: ['Valuation marks', 'Recording, changing and voiding them'],
  grant: ['Grants', 'Giving one; taking one back never waits'],
  funding: ['Funding of cohorts', 'Approving what a company plans to spend in a month'],
};

/** Which kinds of change wait for a second person. */
export function FourEyes() {
  const cache = useQueryClient();
  const rules = useQuery(approvalRulesQuery);
  const mayChange = useMay('approval_rule.change');
  const save = useMutation({
    mutationFn: ({ kind, required }: { kind: Approval['kind']; required: boolean }) =>
      setApprovalRule(kind, required),
    onSuccess: (_, { kind, required }) =>
      notify(required ? 'Waits from now on' : 'Waits no longer', WORDS[kind][0]),
    onSettled: () => cache.invalidateQueries({ queryKey: ['approval-rules'] }),
  });
  return (
    <Loaded query={rules} what="the rules" size="m">
      {(found) => (
        <Card>
          <CardHead title="Four eyes" sub="Changes that wait until a second person approves them" />
          <CardBody>
            <FormStack>
              {found.map(({ kind, required }) => (
                <Switch
                  key={kind}
                  label={WORDS[kind][0]}
                  description={WORDS[kind][1]}
                  checked={required}
                  disabled={!mayChange || save.isPending}
                  onChange={(event) => save.mutate({ kind, required: event.currentTarget.checked })}
                />
              ))}
              <Note>
                An import waits, and so does undoing one, where calls, distributions or marks do. Taking a
                rule off waits for a second person too.
              </Note>
              <FormError error={save.error} />
            </FormStack>
          </CardBody>
        </Card>
      )}
    </Loaded>
  );
}
