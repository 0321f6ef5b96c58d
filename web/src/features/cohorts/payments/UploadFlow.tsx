import { Actions, Button, Card, CardBody, CardHead, FileRefused, LoadingBlock, Stack, Steps } from '@/ui';
import { CheckResult } from './CheckResult';
import { Columns } from './Columns';
import { Receipt } from './Receipt';
import type { Upload } from './usePaymentFile';

const STEPS = ['File', 'Columns', 'Check', 'Done'];

/** The way of a file of payments into the books: its columns, what would become of every row, the receipt. */
export function UploadFlow({ upload, currency }: { upload: Upload; currency: string }) {
  const { sent, check, receipt } = upload;
  if (!sent) return null;
  const step = receipt ? 3 : check.data && check.data.missing.length === 0 ? 2 : 1;
  return (
    <Stack>
      <Steps labels={STEPS} current={step} />
      {receipt ? (
        <Card>
          <CardHead title={`${receipt.filename} is recorded`} />
          <CardBody>
            <Receipt upload={receipt} />
            <Actions>
              <Button onClick={upload.leave}>Done</Button>
            </Actions>
          </CardBody>
        </Card>
      ) : (
        <>
          {check.data && <Columns upload={upload} found={check.data} />}
          {check.isPending && <LoadingBlock size="m" label="what would become of the file" />}
          {check.isError && <FileRefused name={sent.file.name} error={check.error} onLeave={upload.leave} />}
          {check.data && check.data.missing.length === 0 && (
            <CheckResult upload={upload} found={check.data} currency={currency} />
          )}
        </>
      )}
    </Stack>
  );
}
