import { periodText } from '@/lib/format';
import { Card, CardBody, CardHead, ExportButton, RowList, TextButton } from '@/ui';
import type { Finding } from './queries';

/** What does not agree, as a list; each opens the figure it is about. */
export function Checks({
  findings,
  href,
  onOpen,
}: {
  findings: Finding[];
  /** The same as a file. */
  href: string;
  onOpen: (metric: string, period: string) => void;
}) {
  if (findings.length === 0) return null;
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  return (
    <Card>
      <CardHead
        title="Checks"
        sub={[counted(findings.length), errors > 0 && `${errors} that cannot be right`]
          .filter(Boolean)
          .join(', ')}
        right={<ExportButton href={href}>Checks as CSV</ExportButton>}
      />
      <CardBody>
        <RowList
          label="Findings"
          rows={findings.map((finding) => ({
            key: `${finding.kind}-${finding.period}-${finding.cells[0]?.metric}`,
            text: (
              <TextButton onClick={() => onOpen(finding.cells[0]!.metric, finding.period)}>
                {finding.message}
              </TextButton>
            ),
            note: `${periodText(finding.period)}, ${finding.severity === 'error' ? 'does not agree' : 'worth a look'}`,
          }))}
        />
      </CardBody>
    </Card>
  );
}

const counted = (count: number): string => (count === 1 ? '1 finding' : `${count} findings`);
