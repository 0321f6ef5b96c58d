import type { ClipboardEvent } from 'react';
import { periodText } from '@/lib/format';
import { readTyped, typedText } from './figures';
import type { Line } from './queries';
import classes from './StatementGrid.module.css';

/** What a grid needs to be typed in. */
export interface Typing {
  drafts: Readonly<Record<string, Readonly<Record<string, string>>>>;
  onType: (metric: string, period: string, text: string) => void;
  onPaste: (metric: string, period: string, text: string) => void;
}

interface Props {
  line: Line;
  period: string;
  /** What was typed; undefined where nothing was. */
  draft: string | undefined;
  typing: Typing;
}

/** A cell one types in: a ratio in percent, everything else in full or with k, m, bn behind it. */
export function TypedCell({ line, period, draft, typing }: Props) {
  const recorded = typedText(line.values[period], line.unit);
  const bad = draft !== undefined && readTyped(draft, line.unit) === null;
  const pasted = (event: ClipboardEvent<HTMLInputElement>) => {
    const text = event.clipboardData.getData('text/plain');
    if (!/[\n\t]/.test(text.trim())) return;
    event.preventDefault();
    typing.onPaste(line.metric, period, text);
  };
  return (
    <td className={classes.typed} data-changed={(draft !== undefined && draft !== recorded) || undefined}>
      <input
        inputMode="decimal"
        autoComplete="off"
        aria-label={`${line.label}, ${periodText(period)}`}
        aria-invalid={bad || undefined}
        title={bad ? 'This cannot be read as a figure' : undefined}
        value={draft ?? recorded}
        onChange={(event) => typing.onType(line.metric, period, event.currentTarget.value)}
        onPaste={pasted}
      />
    </td>
  );
}
