import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMay } from '@/api/abilities';
import { http } from '@/api/client';
import type { Rules } from '@/api/types';
import {
  Card,
  CardBody,
  CardHead,
  Checkbox,
  CheckList,
  FormError,
  FormStack,
  Loaded,
  Note,
  Section,
  Switch,
} from '@/ui';
import { rulesQuery, setRules } from './queries';

const administratorsQuery = {
  queryKey: ['people', 'administrators'],
  queryFn: async () =>
    (await http.GET('/api/v1/users')).data!.filter(
      ({ role, deactivated_at: gone }) => role === 'administrator' && gone === null,
    ),
};

/** Whether passwords count where a directory signs people in, and who still gets in when it is away. */
export function PasswordRule() {
  const cache = useQueryClient();
  const rules = useQuery(rulesQuery);
  const administrators = useQuery(administratorsQuery);
  const mayChange = useMay('sign_in_rules.change');
  const save = useMutation({
    mutationFn: setRules,
    onSettled: () => cache.invalidateQueries({ queryKey: ['sign-in-rules'] }),
  });
  const set = (found: Rules, change: Partial<Rules>) => save.mutate({ ...found, ...change });
  return (
    <Loaded query={rules} what="the sign-in rules" size="s">
      {(found) => (
        <Card>
          <CardHead title="Passwords" sub="Whether they count beside the directories" />
          <CardBody>
            <FormStack>
              <Switch
                label="People may sign in by password"
                description="Off: by directory only, but for those who break the glass"
                checked={found.password_sign_in}
                disabled={!mayChange || save.isPending}
                onChange={(event) => set(found, { password_sign_in: event.currentTarget.checked })}
              />
              <Section title="May break the glass">
                <CheckList label="Administrators who may break the glass">
                  {administrators.data?.map(({ id, name }) => (
                    <Checkbox
                      key={id}
                      label={name}
                      checked={found.break_glass.includes(id)}
                      disabled={!mayChange || save.isPending}
                      onChange={(event) =>
                        set(found, {
                          break_glass: event.currentTarget.checked
                            ? [...found.break_glass, id]
                            : found.break_glass.filter((one) => one !== id),
                        })
                      }
                    />
                  ))}
                </CheckList>
              </Section>
              <Note>
                Who breaks the glass keeps their role whatever the directory says, and signs in by password
                when it is away. They need a password of their own.
              </Note>
              <FormError error={save.error} />
            </FormStack>
          </CardBody>
        </Card>
      )}
    </Loaded>
  );
}
