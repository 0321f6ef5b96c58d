import { Button, Tooltip } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';

export const NOTHING_TO_EXPORT = 'Nothing to export';

interface Props {
  /** What the button says: the form of the file. */
  children: string;
  /** There is no row of it. Not said where that is not known yet. */
  isEmpty?: boolean;
  /** Where the server writes the file; otherwise the page does, when asked. */
  href?: string;
  onClick?: () => void;
  loading?: boolean;
}

/** Hands a table over as a file. Where there is nothing in it, it is off and says why, and stays reachable for that. */
export function ExportButton({ children, isEmpty = false, href, onClick, loading }: Props) {
  const look = { variant: 'default', leftSection: <IconDownload size={16} /> } as const;
  if (isEmpty)
    return (
      <Tooltip label={NOTHING_TO_EXPORT}>
        <Button
          {...look}
          data-disabled
          aria-disabled
          aria-description={NOTHING_TO_EXPORT}
          onClick={(event) => event.preventDefault()}
        >
          {children}
        </Button>
      </Tooltip>
    );
  if (href !== undefined)
    return (
      <Button {...look} component="a" href={href} download>
        {children}
      </Button>
    );
  return (
    <Button {...look} onClick={onClick} loading={loading}>
      {children}
    </Button>
  );
}
