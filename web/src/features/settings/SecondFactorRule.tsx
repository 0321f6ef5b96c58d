import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMay } from '@/api/abilities';
import type { RoleName, Rules } from '@/api/types';
import { ROLES } from '@/lib/access';
import { humanise } from '@/lib/format';
import { Card, CardBody, CardHead, Checkbox, CheckList, FormError, Loaded, Note, notify } from '@/ui';
import { rulesQuery, setRules } from './queries';

/** Which roles must show a second factor when they sign in. */
export function SecondFactorRule() {
  const cache = useQueryClient();
  const rules = useQuery(rulesQuery);
  const mayChange = useMay('sign_in_rules.change');
  const save = useMutation({
    mutationFn: setRules,
    onSuccess: async () => {
      notify('Saved', 'It holds from the next sign-in');
      await cache.invalidateQueries({ queryKey: ['sign-in-rules'] });
    },
  });
  return (
    <Loaded query={rules} what="the sign-in rules" size="s">
      {(found) => (
        <Card>
          <CardHead title="Second factor" sub="Asked of these roles at their next sign-in" />
          <CardBody>
            <CheckList label="Roles that need a second factor">
              {Object.keys(ROLES).map((role) => (
                <Checkbox
                  key={role}
                  label={humanise(role)}
                  checked={found.second_factor_roles.some((name) => name === role)}
                  disabled={!mayChange || save.isPending}
                  onChange={(event) =>
                    save.mutate({
                      ...found,
                      second_factor_roles: asked(found, role, event.currentTarget.checked),
                    })
                  }
                />
              ))}
            </CheckList>
            <Note>Whoever has none sets one up then. API tokens are not affected.</Note>
            <FormError error={save.error} />
          </CardBody>
        </Card>
      )}
    </Loaded>
  );
}

/** The roles of which a second factor is asked, once one more is ticked or no longer is. */
function asked({ second_factor_roles: roles }: Rules, role: string, ticked: boolean): RoleName[] {
  return ticked ? [...roles, role as RoleName] : roles.filter((name) => name !== role);
}
