import { Button, CopyButton, Group } from '@mantine/core';
import { IconCheck, IconCopy, IconDownload, IconPrinter } from '@tabler/icons-react';
import { downloadBlob } from '@/lib/csv';
import classes from './SecretBox.module.css';

interface Props {
  label: string;
  text: string;
  /** What it may be saved as, or printed for keeping on paper. */
  keepAs?: { file: string; title: string };
}

/** Something that is shown once: to be selected, copied, and where it is to be kept, saved or printed. */
export function SecretBox({ label, text, keepAs }: Props) {
  return (
    <div className={classes.box} data-keep={keepAs ? '' : undefined}>
      <pre className={classes.text} aria-label={label} tabIndex={0}>
        {text}
      </pre>
      <Group gap="xs" className="no-print">
        <CopyButton value={text} timeout={3000}>
          {({ copied, copy }) => (
            <Button
              variant="default"
              size="xs"
              leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
              onClick={copy}
            >
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
        {keepAs && (
          <>
            <Button
              variant="default"
              size="xs"
              leftSection={<IconDownload size={14} />}
              onClick={() =>
                downloadBlob(keepAs.file, new Blob([`${keepAs.title}\n\n${text}\n`], { type: 'text/plain' }))
              }
            >
              Download
            </Button>
            <Button
              variant="default"
              size="xs"
              leftSection={<IconPrinter size={14} />}
              onClick={() => window.print()}
            >
              Print
            </Button>
          </>
        )}
      </Group>
    </div>
  );
}
