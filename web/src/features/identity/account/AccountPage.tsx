import { useQuery } from '@tanstack/react-query';
import { useMay } from '@/api/abilities';
import { meQuery } from '@/api/session';
import { ROLES } from '@/lib/access';
import { humanise } from '@/lib/format';
import { Card, CardBody, CardHead, DetailList, Halves, Loaded, PageHead, Stack } from '@/ui';
import { Passkeys } from './Passkeys';
import { Password } from './Password';
import { Programs } from './Programs';
import { Sessions } from './Sessions';
import { Theme } from './Theme';
import { TwoFactor } from './TwoFactor';

/** What is one's own here: how one signs in, where one is signed in, and how pages look. */
export default function AccountPage() {
  const me = useQuery(meQuery);
  const mayChange = useMay('account.change');
  return (
    <>
      <PageHead title="Account" sub="How you sign in, and where you are signed in" />
      <Loaded query={me} what="your account" size="m">
        {({ user, role, firm }) => (
          <Stack>
            <Halves>
              <Card>
                <CardHead title="You" />
                <CardBody>
                  <DetailList
                    items={[
                      { label: 'Name', value: user?.name ?? 'API token' },
                      ...(user ? [{ label: 'E-mail', value: user.email }] : []),
                      { label: 'Firm', value: firm.name },
                      { label: 'Role', value: `${humanise(role)}. ${ROLES[role] ?? ''}` },
                    ]}
                  />
                </CardBody>
              </Card>
              <Theme />
            </Halves>
            {mayChange && (
              <Halves>
                <Password />
                <Stack>
                  <TwoFactor />
                  <Passkeys />
                </Stack>
              </Halves>
            )}
            <Sessions />
            {user && <Programs />}
          </Stack>
        )}
      </Loaded>
    </>
  );
}
