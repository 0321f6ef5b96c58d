import { Button, Popover } from '@mantine/core';
import { DatePicker } from '@mantine/dates';
import { IconCalendarEvent } from '@tabler/icons-react';
import { useState } from 'react';
import { quarterEnds, today } from '@/lib/dates';
import { formatDate } from '@/lib/format';
import { DateField } from '../fields/DateField';
import classes from './AsOfPicker.module.css';

export interface AsOf {
  as_of?: string;
  known_at?: string;
}

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
        <div className={classes.panel}>
          <DatePicker
            value={value.as_of ?? null}
            defaultDate={value.as_of ?? today()}
            onChange={(date) => choose(date ?? undefined)}
          />
          <div className={classes.side}>
            <Button size="xs" variant={value.as_of ? 'subtle' : 'light'} onClick={() => choose(undefined)}>
              Today
            </Button>
            {quarterEnds(today(), 6).map((end) => (
              <Button
                key={end}
                size="xs"
                variant={end === value.as_of ? 'light' : 'subtle'}
                onClick={() => choose(end)}
              >
                {formatDate(end, 'quarter')}
              </Button>
            ))}
          </div>
          <div className={classes.known}>
            <DateField
              label="As known on"
              value={value.known_at ?? ''}
              onChange={(date) => onChange({ ...value, known_at: date || undefined })}
              description="Shows what the books said on that day, before later corrections"
            />
            {value.known_at && (
              <Button size="xs" variant="subtle" onClick={() => onChange({ ...value, known_at: undefined })}>
                As known today
              </Button>
            )}
          </div>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
