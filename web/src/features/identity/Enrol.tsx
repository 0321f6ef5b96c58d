import { FormStack, Note, Qr, SecretBox } from '@/ui';
import { CodeForm } from './CodeForm';
import type { Enrolment } from './factors';

interface Props {
  enrolment: Enrolment;
  onCode: (code: string) => void;
  pending: boolean;
  error: unknown;
}

/** Gives an authenticator application its secret, and asks for the first code it shows. */
export function Enrol({ enrolment, onCode, pending, error }: Props) {
  return (
    <FormStack>
      <Note>Scan this with an authenticator application, or type the secret into it.</Note>
      <Qr text={enrolment.address} label="QR code for an authenticator application" />
      <SecretBox label="Secret for the application" text={enrolment.secret} />
      <CodeForm
        label="Code"
        description="The six digits the application shows now"
        submit="Confirm"
        onSubmit={onCode}
        pending={pending}
        error={error}
      />
    </FormStack>
  );
}
