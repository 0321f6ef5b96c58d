import { ActionIcon, Tooltip } from '@mantine/core';
import type { Icon } from '@tabler/icons-react';

interface Props {
  label: string;
  icon: Icon;
  onClick: () => void;
}

/** A small action at a row's end. */
export function RowAction({ label, icon: Glyph, onClick }: Props) {
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} onClick={onClick}>
        <Glyph size={16} />
      </ActionIcon>
    </Tooltip>
  );
}
