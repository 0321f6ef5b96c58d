import { Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { Fragment } from 'react';
import { ExportButton } from './ExportButton';

interface File {
  label: string;
  href: (form: 'csv' | 'xlsx') => string;
  /** There is no row of it. */
  isEmpty: boolean;
}

const FORMS = ['csv', 'xlsx'] as const;

/** The tables of a page as files that the server writes: all of their rows. */
export function FileMenu({ files }: { files: readonly File[] }) {
  if (files.every(({ isEmpty }) => isEmpty)) return <ExportButton isEmpty>Export</ExportButton>;
  return (
    <Menu position="bottom-end" shadow="md" width={240}>
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} />}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {files.map(({ label, href, isEmpty }) =>
          isEmpty ? (
            <Menu.Item key={label} disabled>
              {`${label}: nothing yet`}
            </Menu.Item>
          ) : (
            <Fragment key={label}>
              {FORMS.map((form) => (
                <Menu.Item key={form} component="a" href={href(form)} download>
                  {`${label}, ${form.toUpperCase()}`}
                </Menu.Item>
              ))}
            </Fragment>
          ),
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
