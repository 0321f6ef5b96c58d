import { Actions, Button, FormStack, Note, SecretBox } from '@/ui';

/** The codes that stand in for a lost telephone. They are shown this once. */
export function RecoveryCodes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  return (
    <FormStack>
      <Note>
        Keep these on paper: each signs you in once when your application is not at hand. They are shown this
        once.
      </Note>
      <SecretBox
        label="Recovery codes"
        text={codes.join('\n')}
        keepAs={{ file: 'vestry-recovery-codes.txt', title: `Recovery codes for ${window.location.host}` }}
      />
      <Actions>
        <Button onClick={onDone}>I have stored them</Button>
      </Actions>
    </FormStack>
  );
}
