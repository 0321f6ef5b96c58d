import { Button, FileButton as Chooser } from '@mantine/core';
import { IconPaperclip } from '@tabler/icons-react';

interface Props {
  /** Extensions with their dots and media types, as in `.csv,image/png`. */
  accept: string;
  onFiles: (files: File[]) => void;
  loading?: boolean;
  children: string;
}

/** Chooses files beside what is being written; `FileDrop` is for a page that is about one. */
export function FileButton({ accept, onFiles, loading, children }: Props) {
  return (
    <div>
      <Chooser accept={accept} multiple onChange={onFiles}>
        {(button) => (
          <Button {...button} variant="default" loading={loading} leftSection={<IconPaperclip size={16} />}>
            {children}
          </Button>
        )}
      </Chooser>
    </div>
  );
}
