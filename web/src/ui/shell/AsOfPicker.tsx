import { Button, Loader, Popover } from '@mantine/core';
import { IconCalendarEvent } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { formatDate } from '@/lib/format';
import type { AsOf } from './AsOfPanel';
import classes from './AsOfPicker.module.css';

// The calendar is the larger part, and few open it at first.
const AsOfPanel = lazy(() => import('./AsOfPanel'));

/** The one date that changes every number on the screen; and, for those who ask, when it was known. */
export function AsOfPicker({ value, onChange }: { value: AsOf; onChange: (value: AsOf) => void }) {
  const [opened, setOpened] = useState(false);
  const choose = (as_of: string | undefined) => {
    onChange({ ...value, as_of });
    setOpened(false);
  };
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" shadow="md" trapFocus>
      <Popover.Target>
        <Button
          variant={value.known_at ? 'light' : 'default'}
          leftSection={<IconCalendarEvent size={16} aria-hidden />}
          className={classes.button}
          onClick={() => setOpened(!opened)}
        >
          <span className={classes.prefix}>As of </span>
          <span className={classes.day}>{value.as_of ? formatDate(value.as_of) : 'today'}</span>
          {value.known_at && <span className={classes.prefix}>, as known {formatDate(value.known_at)}</span>}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="As-of date">
        <Suspense fallback={<Loader size="sm" />}>
          <AsOfPanel value={value} onChoose={choose} onChange={onChange} />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
