import { Button, FileButton } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { type DragEvent, useState } from 'react';
import classes from './FileDrop.module.css';

interface Props {
  /** Extensions with their dots, as in `.csv,.xlsx`. */
  accept: string;
  hint: string;
  onFile: (file: File) => void;
  loading?: boolean;
}

export function FileDrop({ accept, hint, onFile, loading }: Props) {
  const [over, setOver] = useState(false);
  const hover = (is: boolean) => (event: DragEvent) => {
    event.preventDefault();
    setOver(is);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file) onFile(file);
  };
  return (
    <div
      className={classes.drop}
      data-over={over}
      onDragOver={hover(true)}
      onDragLeave={hover(false)}
      onDrop={drop}
    >
      <IconFileUpload size={28} className={classes.icon} aria-hidden />
      <FileButton accept={accept} onChange={(file) => file && onFile(file)}>
        {(button) => (
          <Button {...button} variant="default" loading={loading}>
            Choose a file
          </Button>
        )}
      </FileButton>
      <p>or drop it here. {hint}</p>
    </div>
  );
}
