import { Button, type ButtonProps, Popover } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import classes from './ConfirmButton.module.css';

interface Props extends Pick<ButtonProps, 'size' | 'variant' | 'leftSection' | 'loading'> {
  /** What the button says, and the one that does it. */
  children: string;
  /** What will happen, before it does. */
  effect: ReactNode;
  onConfirm: () => void;
  /** What it is called where several say the same. */
  label?: string;
  /** Whether what the effect asks for is there. */
  ready?: boolean;
  /** Where a key opens it too: whether it is asking, and who is told when that changes. */
  opened?: boolean;
  onOpened?: (opened: boolean) => void;
}

/** A button whose effect is told and asked about before it happens. */
export function ConfirmButton({
  children,
  effect,
  onConfirm,
  label,
  ready = true,
  opened: asked,
  onOpened,
  ...button
}: Props) {
  const [own, setOwn] = useState(false);
  const opened = asked ?? own;
  const setOpened = onOpened ?? setOwn;
  const confirm = () => {
    setOpened(false);
    onConfirm();
  };
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="bottom-end"
      shadow="md"
      width={290}
      trapFocus
      withinPortal
    >
      <Popover.Target>
        <Button variant="default" {...button} aria-label={label} onClick={() => setOpened(!opened)}>
          {children}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={`${children}: are you sure`}>
        <div className={classes.effect}>{effect}</div>
        <div className={classes.actions}>
          <Button size="xs" variant="default" onClick={() => setOpened(false)}>
            Leave it
          </Button>
          <Button size="xs" onClick={confirm} disabled={!ready}>
            {children}
          </Button>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
