import { Kbd } from '@mantine/core';
import { FormDrawer } from '../FormDrawer';
import classes from './ShortcutHelp.module.css';
import type { Shortcut } from './shortcuts';

interface Props {
  opened: boolean;
  onClose: () => void;
  shortcuts: Pick<Shortcut, 'keys' | 'label'>[];
}

export function ShortcutHelp({ opened, onClose, shortcuts }: Props) {
  const all = [
    { keys: 'Ctrl K', label: 'Search or jump to' },
    { keys: '/', label: 'Search or jump to' },
    ...shortcuts,
  ];
  return (
    <FormDrawer opened={opened} onClose={onClose} title="Keyboard shortcuts">
      <dl className={classes.list}>
        {all.map(({ keys, label }) => (
          <div key={keys} className={classes.row}>
            <dt>
              {keys.split(' ').map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dt>
            <dd>{label}</dd>
          </div>
        ))}
      </dl>
    </FormDrawer>
  );
}
