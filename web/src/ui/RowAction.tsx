import { ActionIcon, Tooltip } from '@mantine/core';
import type { Icon } from '@tabler/icons-react';
import classes from './RowAction.module.css';

interface Props {
  label: string;
  icon: Icon;
  onClick: () => void;
  /** There is nothing to do now; it stays reachable, so that focus is not lost. */
  isOff?: boolean;
}

/** A small action at a row's end. */
export function RowAction({ label, icon: Glyph, onClick, isOff }: Props) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        className={classes.action}
        aria-label={label}
        aria-disabled={isOff || undefined}
        data-disabled={isOff || undefined}
        onClick={isOff ? undefined : onClick}
      >
        <Glyph size={16} />
      </ActionIcon>
    </Tooltip>
  );
}
