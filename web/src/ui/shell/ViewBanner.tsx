import { Button } from '@mantine/core';
import { IconEye } from '@tabler/icons-react';
import classes from './ViewBanner.module.css';

interface Props {
  name: string;
  role: string;
  onStop: () => void;
}

/** Stands over every page while an administrator looks as somebody else. */
export function ViewBanner({ name, role, onStop }: Props) {
  return (
    <div className={classes.banner} role="status">
      <IconEye size={18} aria-hidden />
      <span>
        Viewing as <b>{name}</b> ({role.toLowerCase()}). Nothing can be changed.
      </span>
      <Button size="xs" variant="default" onClick={onStop}>
        Stop viewing
      </Button>
    </div>
  );
}
