import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { formatDate, formatInt } from '@/lib/format';
import { Actions, Button, Card, CardBody, CardHead, FormDrawer, FormStack, Loaded, Note, notify } from '@/ui';
import { CodeForm } from '../CodeForm';
import { Enrol } from '../Enrol';
import { beginTotp, confirmTotp, factorsQuery, removeTotp, renewRecoveryCodes } from '../factors';
import { PasswordAgain } from '../PasswordAgain';
import { RecoveryCodes } from '../RecoveryCodes';

type Doing = 'enrol' | 'remove' | 'renew' | null;

/** Few enough that new ones should be made. */
const FEW = 3;

/** The second factor: an authenticator application, and the codes that stand in for it. */
export function TwoFactor() {
  const factors = useQuery(factorsQuery);
  const [doing, setDoing] = useState<Doing>(null);
  const cache = useQueryClient();
  const done = async () => {
    setDoing(null);
    await cache.invalidateQueries({ queryKey: ['account'] });
  };
  return (
    <Card>
      <CardHead title="Second factor" sub="A code of an authenticator application, after the password" />
      <CardBody>
        <Loaded query={factors} what="your second factor" size="s">
          {({ totp_since: since, recovery_codes_left: left, required }) =>
            since ? (
              <FormStack>
                <Note>
                  On since {formatDate(since)}. {formatInt(left)} recovery {left === 1 ? 'code' : 'codes'}{' '}
                  left
                  {left < FEW ? ': make new ones.' : '.'}
                </Note>
                <Actions>
                  {!required && (
                    <Button variant="default" onClick={() => setDoing('remove')}>
                      Turn off
                    </Button>
                  )}
                  <Button variant="default" onClick={() => setDoing('renew')}>
                    New recovery codes
                  </Button>
                </Actions>
              </FormStack>
            ) : (
              <FormStack>
                <Note>
                  Off.{' '}
                  {required
                    ? 'Your firm asks for one at your next sign-in.'
                    : 'A stolen password is then enough to sign in.'}
                </Note>
                <Actions>
                  <Button variant="default" onClick={() => setDoing('enrol')}>
                    Turn on
                  </Button>
                </Actions>
              </FormStack>
            )
          }
        </Loaded>
      </CardBody>
      <FormDrawer opened={doing !== null} onClose={() => void done()} title={TITLES[doing ?? 'enrol']}>
        {doing === 'enrol' && <TurnOn onDone={() => void done()} />}
        {doing === 'remove' && <TurnOff onDone={() => void done()} />}
        {doing === 'renew' && <Renew onDone={() => void done()} />}
      </FormDrawer>
    </Card>
  );
}

const TITLES = { enrol: 'Turn on the second factor', remove: 'Turn it off', renew: 'New recovery codes' };

interface Part {
  onDone: () => void;
}

function TurnOn({ onDone }: Part) {
  const begin = useMutation({ mutationFn: beginTotp });
  const confirm = useMutation({ mutationFn: confirmTotp });
  if (confirm.data) return <RecoveryCodes codes={confirm.data} onDone={onDone} />;
  if (begin.data)
    return (
      <Enrol
        enrolment={begin.data}
        onCode={confirm.mutate}
        pending={confirm.isPending}
        error={confirm.error}
      />
    );
  return (
    <PasswordAgain
      submit="Go on"
      onSubmit={(password) => begin.mutate(password)}
      pending={begin.isPending}
      error={begin.error}
    />
  );
}

function TurnOff({ onDone }: Part) {
  const remove = useMutation({
    mutationFn: removeTotp,
    onSuccess: () => {
      notify('Second factor turned off');
      onDone();
    },
  });
  return (
    <PasswordAgain
      submit="Turn off"
      onSubmit={(password) => remove.mutate(password)}
      pending={remove.isPending}
      error={remove.error}
      note="Your recovery codes are void then, too."
    />
  );
}

function Renew({ onDone }: Part) {
  const renew = useMutation({ mutationFn: renewRecoveryCodes });
  if (renew.data) return <RecoveryCodes codes={renew.data} onDone={onDone} />;
  return (
    <CodeForm
      label="Code"
      description="The six digits your application shows now; the earlier recovery codes become void"
      submit="Make new ones"
      onSubmit={renew.mutate}
      pending={renew.isPending}
      error={renew.error}
    />
  );
}
