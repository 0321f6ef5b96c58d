import { type ClipboardEvent, type KeyboardEvent, useEffect, useRef } from 'react';
import { formatDate, formatInt, formatMoney } from '@/lib/format';
import { Button, IconBan, NotAvailable, RowAction, StatusPill, TextInput } from '@/ui';
import { type Drafts, isChanged, type MonthRow, wrongDraft } from './drafts';
import classes from './spend.module.css';

interface Props {
  rows: MonthRow[];
  drafts: Drafts;
  refused: Record<string, string>;
  currency: string;
  onType: (month: string, text: string) => void;
  onPaste: (month: string, text: string) => void;
  onVoid: (row: MonthRow) => void;
  onEarlier: () => void;
  onLater: () => void;
}

/** A month a row, the latest in sight; Enter and the arrows go from one to the next. */
export function SpendTable(props: Props) {
  const { rows, currency, onEarlier, onLater } = props;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  }, []);
  return (
    <div ref={box} className={classes.box} tabIndex={0} role="region" aria-label="Acquisition spend by month">
      <table className={classes.table} onKeyDown={walk}>
        <caption className="sr-only">Acquisition spend by month</caption>
        <thead>
          <tr>
            <th scope="col">Month</th>
            <th scope="col" className={classes.right}>
              Customers
            </th>
            <th scope="col" className={classes.right}>
              Spend, {currency}
            </th>
            <th scope="col">
              <span className="sr-only">State and actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          <More onClick={onEarlier}>Earlier month</More>
          {rows.map((row) => (
            <Row key={row.month} row={row} {...props} />
          ))}
          <More onClick={onLater}>Later month</More>
        </tbody>
      </table>
    </div>
  );
}

function More({ onClick, children }: { onClick: () => void; children: string }) {
  return (
    <tr>
      <td colSpan={4}>
        <Button variant="subtle" size="xs" onClick={onClick}>
          {children}
        </Button>
      </td>
    </tr>
  );
}

function Row({ row, drafts, refused, currency, onType, onPaste, onVoid }: Props & { row: MonthRow }) {
  const draft = drafts[row.month];
  const changed = isChanged(row, draft);
  const error = refused[row.month] ?? (changed ? wrongDraft(row, draft) : null);
  const name = formatDate(row.month, 'month');
  const shown = draft ?? (row.spend ? formatMoney(row.spend.spend, { currency, bare: true }) : '');
  const pasted = (event: ClipboardEvent<HTMLInputElement>) => {
    const text = event.clipboardData.getData('text/plain');
    if (!/[\n\t]/.test(text.trim())) return;
    event.preventDefault();
    onPaste(row.month, text);
  };
  return (
    <tr data-changed={changed || undefined}>
      <th scope="row">{name}</th>
      <td className={classes.right}>
        {row.customers > 0 ? (
          formatInt(row.customers)
        ) : (
          <NotAvailable why="nobody first paid in this month" />
        )}
      </td>
      <td>
        <TextInput
          className={classes.amount}
          size="xs"
          inputMode="decimal"
          autoComplete="off"
          aria-label={`Spend of ${name}`}
          value={shown}
          placeholder="not recorded"
          onChange={(event) => onType(row.month, event.currentTarget.value)}
          onPaste={pasted}
          error={error}
        />
      </td>
      <td className={classes.end}>
        {changed && !error && <StatusPill tone="info">unsaved</StatusPill>}
        {!changed && !row.spend && row.customers > 0 && <StatusPill tone="warn">missing</StatusPill>}
        {!changed && row.spend && (
          <RowAction label={`Void the spend of ${name}`} icon={IconBan} onClick={() => onVoid(row)} />
        )}
      </td>
    </tr>
  );
}

/** As in a spreadsheet: down with Enter and the arrows. */
function walk(event: KeyboardEvent<HTMLTableElement>) {
  const step = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined || !(event.target instanceof HTMLInputElement)) return;
  event.preventDefault();
  const inputs = [...event.currentTarget.querySelectorAll('input')];
  const next = inputs[inputs.indexOf(event.target) + step];
  next?.focus();
  next?.select();
}
