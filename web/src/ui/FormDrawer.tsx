import { CloseButton, Drawer } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './FormDrawer.module.css';

interface Props {
  opened: boolean;
  onClose: () => void;
  title: string;
  sub?: ReactNode;
  wide?: boolean;
  children: ReactNode;
}

/** A drawer without a second banner landmark: Mantine's own drawer header is a <header>. */
export function FormDrawer({ opened, onClose, title, sub, wide, children }: Props) {
  return (
    <Drawer.Root opened={opened} onClose={onClose} position="right" size={wide ? 620 : 440}>
      <Drawer.Overlay backgroundOpacity={0.35} />
      <Drawer.Content>
        <div className={classes.head}>
          <div>
            <Drawer.Title className={classes.title}>{title}</Drawer.Title>
            {sub && <p className={classes.sub}>{sub}</p>}
          </div>
          <CloseButton onClick={onClose} aria-label="Close" />
        </div>
        <Drawer.Body className={classes.body}>{children}</Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}
