import { Button } from '@mantine/core';
import { DatePicker } from '@mantine/dates';
import { quarterEnds, today } from '@/lib/dates';
import { formatDate } from '@/lib/format';
import { DateField } from '../fields/DateField';
import classes from './AsOfPicker.module.css';

export interface AsOf {
  as_of?: string;
  known_at?: string;
}

interface Props {
  value: AsOf;
  onChoose: (as_of: string | undefined) => void;
  onChange: (value: AsOf) => void;
}

/** The calendar, the last quarter ends, and the day up to which things were known. */
export default function AsOfPanel({ value, onChoose, onChange }: Props) {
  return (
    <div className={classes.panel}>
      <DatePicker
        value={value.as_of ?? null}
        defaultDate={value.as_of ?? today()}
        onChange={(date) => onChoose(date ?? undefined)}
      />
      <div className={classes.side}>
        <Button size="xs" variant={value.as_of ? 'subtle' : 'light'} onClick={() => onChoose(undefined)}>
          Today
        </Button>
        {quarterEnds(today(), 6).map((end) => (
          <Button
            key={end}
            size="xs"
            variant={end === value.as_of ? 'light' : 'subtle'}
            onClick={() => onChoose(end)}
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
  );
}
