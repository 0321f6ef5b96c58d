import { useState } from 'react';
import { formatDate, formatInt } from '@/lib/format';
import { Actions, Button, FormDrawer, FormStack, Note, Select, Textarea } from '@/ui';
import { type BadLine, readPaste } from './paste';
import classes from './spend.module.css';

interface Props {
  text: string;
  from: string;
  months: string[];
  onTake: (rows: { month: string; spend: string }[]) => void;
  onClose: () => void;
}

/** A column from a spreadsheet: all that is wrong with it is shown at once, and then nothing is taken over. */
export function PasteSpends({ text: given, from: first, months, onTake, onClose }: Props) {
  const [text, setText] = useState(given);
  const [from, setFrom] = useState(first);
  const { rows, bad } = readPaste(text, from);
  return (
    <FormDrawer opened onClose={onClose} title="Paste spend" sub="From a spreadsheet">
      <FormStack>
        <Note>
          A column of amounts goes down from the month below; months beside their amounts go where they say.
          Nothing is saved yet.
        </Note>
        <Select
          label="From month"
          searchable
          data={months.map((month) => ({ value: month, label: formatDate(month, 'month') }))}
          value={from}
          onChange={(month) => month && setFrom(month)}
        />
        <Textarea
          label="Copied cells"
          autosize
          minRows={8}
          maxRows={20}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <BadLines bad={bad} />
        <Actions>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button disabled={bad.length > 0 || rows.length === 0} onClick={() => onTake(rows)}>
            {rows.length === 1 ? 'Take over 1 month' : `Take over ${formatInt(rows.length)} months`}
          </Button>
        </Actions>
      </FormStack>
    </FormDrawer>
  );
}

function BadLines({ bad }: { bad: BadLine[] }) {
  if (bad.length === 0) return null;
  return (
    <div role="alert">
      <ul className={classes.bad} aria-label="Rows that cannot be read">
        {bad.map(({ line, reason }) => (
          <li key={line}>
            Row {line}: {reason}
          </li>
        ))}
      </ul>
    </div>
  );
}
