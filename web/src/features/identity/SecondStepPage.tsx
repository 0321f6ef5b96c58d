import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, Navigate, useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { ApiError } from '@/api/client';
import type { NextStep } from '@/api/session';
import { passkeysWork, turnedAway } from '@/lib/passkeys';
import { Button, ErrorBlock, FormError, FormStack, LoadingBlock } from '@/ui';
import { CodeForm } from './CodeForm';
import { DoorCard } from './DoorCard';
import { Enrol } from './Enrol';
import { useEnter } from './entering';
import { beginEnrolment, finishEnrolment, secondStepQuery, showRecoveryCode, showTotp } from './factors';
import { finishByPasskey } from './passkeys';
import { RecoveryCodes } from './RecoveryCodes';

/** What comes between the password and the pages: a second factor, or setting one up where the firm asks for it. */
export default function SecondStepPage() {
  const { next } = useSearch({ from: '/second-step' });
  // Once it is shown the step stays until it is done: the answer to it ends what was waited for.
  const step = useQuery({ ...secondStepQuery, staleTime: Infinity, gcTime: 0 });
  if (step.error instanceof ApiError && step.error.status === 401)
    return <Navigate to="/sign-in" search={{ next }} replace />;
  const back = <Link to="/sign-in">Sign in as somebody else</Link>;
  if (!step.data)
    return (
      <DoorCard title="One more step" foot={back}>
        {step.isError ? (
          <ErrorBlock error={step.error} what="the next step" onRetry={() => void step.refetch()} />
        ) : (
          <LoadingBlock size="s" label="the next step" />
        )}
      </DoorCard>
    );
  return step.data.next === 'enrol' ? (
    <DoorCard title="Set up a second factor" sub="Your firm asks for one." foot={back}>
      <FirstEnrolment next={next} />
    </DoorCard>
  ) : (
    <DoorCard title="One more step" foot={back}>
      {step.data.factors.includes('passkey') && passkeysWork() && <ByPasskey next={next} />}
      {step.data.factors.some((factor) => factor !== 'passkey') && <Prove step={step.data} next={next} />}
    </DoorCard>
  );
}

function Prove({ step, next }: { step: NextStep; next: string | undefined }) {
  const enter = useEnter(next);
  const [by, setBy] = useState(step.factors.includes('totp') ? 'totp' : 'recovery_code');
  const totp = useMutation({ mutationFn: showTotp, onSuccess: enter });
  const recovery = useMutation({ mutationFn: showRecoveryCode, onSuccess: enter });
  const other = (name: 'totp' | 'recovery_code', label: string) =>
    step.factors.includes(name) && (
      <Button variant="subtle" onClick={() => setBy(name)}>
        {label}
      </Button>
    );
  return by === 'totp' ? (
    <CodeForm
      key="totp"
      label="Code"
      description="The six digits your authenticator application shows"
      submit="Go on"
      onSubmit={totp.mutate}
      pending={totp.isPending}
      error={totp.error}
      left={other('recovery_code', 'Use a recovery code')}
    />
  ) : (
    <CodeForm
      key="recovery"
      label="Recovery code"
      description="Each works once"
      digits={false}
      submit="Go on"
      onSubmit={recovery.mutate}
      pending={recovery.isPending}
      error={recovery.error}
      left={other('totp', 'Use the application')}
    />
  );
}

function ByPasskey({ next }: { next: string | undefined }) {
  const show = useMutation({ mutationFn: finishByPasskey, onSuccess: useEnter(next) });
  return (
    <FormStack>
      <Button fullWidth loading={show.isPending} onClick={() => show.mutate()}>
        Use a passkey
      </Button>
      <FormError error={turnedAway(show.error) ? null : show.error} />
    </FormStack>
  );
}

function FirstEnrolment({ next }: { next: string | undefined }) {
  const enter = useEnter(next);
  const begin = useMutation({ mutationFn: beginEnrolment });
  const finish = useMutation({ mutationFn: finishEnrolment });
  const begun = useRef(false);
  const { mutate } = begin;
  useEffect(() => {
    // A second mount must not ask for a second secret.
    if (begun.current) return;
    begun.current = true;
    mutate();
  }, [mutate]);
  if (finish.data) return <RecoveryCodes codes={finish.data} onDone={() => void enter(undefined)} />;
  if (begin.data)
    return (
      <Enrol enrolment={begin.data} onCode={finish.mutate} pending={finish.isPending} error={finish.error} />
    );
  return begin.isError ? (
    <ErrorBlock error={begin.error} what="the secret" onRetry={() => mutate()} />
  ) : (
    <LoadingBlock size="m" label="the secret" />
  );
}
