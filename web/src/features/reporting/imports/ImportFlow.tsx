import { Link } from '@tanstack/react-router';
import {
  Actions,
  Button,
  Card,
  CardBody,
  CardHead,
  DetailList,
  FileRefused,
  LoadingBlock,
  Stack,
  Steps,
} from '@/ui';
import { CheckResult } from './CheckResult';
import { FileTables } from './FileTables';
import { Lines } from './Lines';
import type { FigureUpload } from './useFigureFile';
import { receiptItems } from './words';

const STEPS = ['File', 'Lines', 'Check', 'Done'];

interface Props {
  upload: FigureUpload;
  /** The company's own currency. */
  own: string;
  onOpen: (importId: number) => void;
}

/** The way of a file into the books: what its lines are, what would become of every cell, the receipt. */
export function ImportFlow({ upload, own, onOpen }: Props) {
  const { sent, check, receipt } = upload;
  if (!sent) return null;
  const found = check.data;
  const isDecided = found?.lines.every(({ decided }) => decided) ?? false;
  return (
    <Stack>
      <Steps labels={STEPS} current={receipt ? 3 : isDecided ? 2 : 1} />
      {receipt ? (
        <Recorded upload={upload} />
      ) : (
        <>
          {check.isPending && <LoadingBlock size="m" label="what would become of the file" />}
          {check.isError && <FileRefused name={sent.file.name} error={check.error} onLeave={upload.leave} />}
          {found && (
            <>
              <CheckResult upload={upload} found={found} onOpen={onOpen} />
              <Lines key={check.submittedAt} upload={upload} found={found} own={own} />
              <FileTables found={found} fileName={sent.file.name} />
            </>
          )}
        </>
      )}
    </Stack>
  );
}

function Recorded({ upload }: { upload: FigureUpload }) {
  const { companyId, receipt } = upload;
  return (
    <Card>
      <CardHead
        title={`${receipt!.filename} is recorded`}
        sub="Its labels are remembered for the next file"
      />
      <CardBody>
        <DetailList items={receiptItems(receipt!)} />
        <Actions>
          <Link to="/companies/$companyId/financials" params={{ companyId }}>
            To the statements
          </Link>
          <Button onClick={upload.leave}>Done</Button>
        </Actions>
      </CardBody>
    </Card>
  );
}
