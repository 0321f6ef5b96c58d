import { Button, Select } from '@mantine/core';
import { grantWords, ROLES } from '@/lib/access';
import { humanise } from '@/lib/format';
import { type ChosenGrant, GrantFields } from './GrantFields';
import { FormStack, Note } from './layout';
import { RowList } from './RowList';
import { Section } from './Section';

interface Props {
  role: string;
  onRole: (role: string) => void;
  grants: ChosenGrant[];
  onGrants: (grants: ChosenGrant[]) => void;
}

/** What somebody or some program is to be, and what it is to see. */
export function RoleAndGrants({ role, onRole, grants, onGrants }: Props) {
  const changeRole = (value: string | null) => {
    onRole(value ?? role);
    // A grant that means something to one role may mean nothing to another.
    onGrants([]);
  };
  return (
    <>
      <Select
        label="Role"
        data={Object.keys(ROLES).map((value) => ({ value, label: humanise(value) }))}
        value={role}
        onChange={changeRole}
        description={ROLES[role]}
      />
      {role !== 'administrator' && (
        <Section title="Sees">
          <FormStack>
            {grants.length === 0 && (
              <Note>
                Staff roles see the whole firm unless a part is added here; the others see nothing without
                one.
              </Note>
            )}
            <RowList
              label="Grants"
              rows={grants.map((grant, index) => ({
                key: `${grant.scope_kind}-${grant.scope_id}`,
                text: grantWords(role, grant.scope_kind, grant.name),
                right: (
                  <Button
                    size="xs"
                    variant="default"
                    onClick={() => onGrants(grants.filter((_, place) => place !== index))}
                  >
                    Remove
                  </Button>
                ),
              }))}
            />
            <GrantFields role={role} onAdd={(grant) => onGrants([...grants, grant])} />
          </FormStack>
        </Section>
      )}
    </>
  );
}
