import { useMediaQuery } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { Card } from './Card';
import { CardBody } from './CardBody';
import { CardHead } from './CardHead';
import { FormDrawer } from './FormDrawer';

interface Props {
  title: string;
  sub?: ReactNode;
  onClose: () => void;
  children: ReactNode;
}

/** What was chosen from a list: a card beside it where there is room (`MainAside`), else a drawer over it. */
export function AsideOrDrawer({ title, sub, onClose, children }: Props) {
  const narrow = useMediaQuery('(max-width: 75em)', false, { getInitialValueInEffect: false });
  if (narrow)
    return (
      <FormDrawer opened onClose={onClose} title={title} sub={sub}>
        {children}
      </FormDrawer>
    );
  return (
    <aside aria-label={title}>
      <Card>
        <CardHead title={title} sub={sub} />
        <CardBody>{children}</CardBody>
      </Card>
    </aside>
  );
}
