import { type KeyboardEvent, memo, type ReactNode, useLayoutEffect, useRef } from 'react';
import { formatDate, periodText, toNumber } from '@/lib/format';
import { IconChevronDown, IconChevronRight, Sparkline } from '@/ui';
import { cellText, fixed, reasonText, type Scale, toldOf, treeOf, type TreeRow } from './figures';
import classes from './StatementGrid.module.css';
import type { Finding, Line, Period } from './queries';
import { TypedCell, type Typing } from './TypedCell';

export interface Section {
  /** Empty where there is only one. */
  title: string;
  lines: Line[];
}

interface Props {
  label: string;
  sections: Section[];
  periods: Pick<Period, 'period' | 'ends_on'>[];
  currency: string;
  scale: Scale;
  /** `metric@period` → what does not agree there. */
  findings: ReadonlyMap<string, Finding[]>;
  folded: ReadonlySet<string>;
  onFold: (metric: string) => void;
  onOpen: (metric: string, period: string) => void;
  /** Under the head of each period: what is still to be approved in it. */
  status?: (period: string) => ReactNode;
  typing?: Typing;
}

const NO_DRAFTS: Readonly<Record<string, string>> = {};

/** Lines down, periods across: a real table, so that it prints, copies and reads aloud. The latest period is in sight. */
export function StatementGrid(props: Props) {
  const { label, sections, periods, currency, scale, findings, folded, onFold, onOpen, status, typing } =
    props;
  const box = useRef<HTMLDivElement>(null);
  const shown = periods.map(({ period }) => period).join();
  useLayoutEffect(() => {
    if (box.current) box.current.scrollLeft = box.current.scrollWidth;
  }, [shown]);
  let entrance = true;
  return (
    <div ref={box} className={classes.scroll} tabIndex={0} role="region" aria-label={label}>
      <table className={classes.table} onKeyDown={walk} data-typing={typing ? true : undefined}>
        <caption className="sr-only">{label}</caption>
        <thead>
          <tr>
            <th scope="col" className={classes.first}>
              Line
            </th>
            <th scope="col" className={classes.trend}>
              Trend
            </th>
            {periods.map(({ period, ends_on }) => (
              <th key={period} scope="col" title={`ends ${formatDate(ends_on)}`}>
                {periodText(period)}
              </th>
            ))}
          </tr>
          {status && (
            <tr className={classes.status}>
              <th scope="row" className={classes.first}>
                Status
              </th>
              <td className={classes.trend} />
              {periods.map(({ period }) => (
                <td key={period}>{status(period)}</td>
              ))}
            </tr>
          )}
        </thead>
        {sections.map(({ title, lines }) => (
          <tbody key={title}>
            {title && (
              <tr className={classes.section}>
                <th scope="rowgroup" colSpan={periods.length + 2}>
                  <span>{title}</span>
                </th>
              </tr>
            )}
            {treeOf(lines, folded).map((row) => {
              const first = entrance;
              entrance = false;
              return (
                <Row
                  key={row.line.metric}
                  row={row}
                  entrance={first}
                  folded={folded.has(row.line.metric)}
                  drafts={typing?.drafts[row.line.metric] ?? NO_DRAFTS}
                  {...{ periods, currency, scale, findings, onFold, onOpen, typing }}
                />
              );
            })}
          </tbody>
        ))}
      </table>
    </div>
  );
}

interface RowProps extends Pick<
  Props,
  'periods' | 'currency' | 'scale' | 'findings' | 'onFold' | 'onOpen' | 'typing'
> {
  row: TreeRow;
  folded: boolean;
  drafts: Readonly<Record<string, string>>;
  /** Its first cell is the one that Tab reaches. */
  entrance: boolean;
}

const Row = memo(function Row(props: RowProps) {
  const { row, folded, drafts, entrance, periods, currency, scale, findings, onFold, onOpen, typing } = props;
  const { line, depth, parent } = row;
  const label = line.unit === 'months' ? `${line.label}, months` : line.label;
  return (
    <tr data-parent={parent || undefined} data-derived={line.kind === 'derived' || undefined}>
      <th scope="row" className={classes.first}>
        <span className={classes.name} data-depth={depth}>
          {parent ? (
            <button
              type="button"
              className={classes.fold}
              aria-expanded={!folded}
              onClick={() => onFold(line.metric)}
            >
              {folded ? <IconChevronRight size={14} /> : <IconChevronDown size={14} />}
              {label}
            </button>
          ) : (
            label
          )}
        </span>
      </th>
      <td className={classes.trend}>
        {periods.length > 1 && (
          <Sparkline
            width={72}
            height={22}
            label={`${line.label}, trend`}
            data={periods.map(({ period }) => toNumber(line.values[period] ?? null))}
          />
        )}
      </td>
      {periods.map(({ period }, index) => {
        const cell = line.cells[period];
        if (typing && fixed(line, cell) === null)
          return (
            <TypedCell key={period} line={line} period={period} draft={drafts[period]} typing={typing} />
          );
        const value = line.values[period] ?? null;
        const text = cellText(value, line.unit, currency, scale);
        const wrong = findings.get(`${line.metric}@${period}`);
        const told = value === null ? reasonText(cell?.reason ?? 'not reported') : toldOf(cell);
        const waiting = cell?.status && cell.status !== 'approved' ? cell.status : undefined;
        return (
          <td
            key={period}
            className={classes.cell}
            data-restated={cell?.restated || undefined}
            data-finding={wrong?.[0]?.severity ?? (cell?.stale ? 'warning' : undefined)}
            data-status={waiting}
          >
            <button
              type="button"
              tabIndex={entrance && index === periods.length - 1 ? 0 : -1}
              title={wrong?.[0]?.message ?? told}
              onClick={() => onOpen(line.metric, period)}
            >
              <span className={text.endsWith(')') ? undefined : 'acct-pos'}>{text}</span>
              {told && <span className="sr-only">, {told}</span>}
              {cell?.restated && <span className="sr-only">, restated</span>}
              {wrong && <span className="sr-only">, {wrong[0]!.message}</span>}
              {waiting && <span className="sr-only">, {waiting}</span>}
            </button>
          </td>
        );
      })}
    </tr>
  );
});

const STEPS: Record<string, [down: number, right: number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** The arrows go from cell to cell, as in a spreadsheet; in a field left and right stay with its text. */
function walk(event: KeyboardEvent<HTMLTableElement>) {
  const target = event.target as HTMLElement;
  const typed = target instanceof HTMLInputElement;
  const step = typed && event.key === 'Enter' ? ([1, 0] as const) : STEPS[event.key];
  const cell = target.closest('td');
  const row = cell?.closest('tr');
  if (!step || !cell || !row || (typed && step[1] !== 0)) return;
  event.preventDefault();
  const rows = [...event.currentTarget.rows];
  let at = rows.indexOf(row) + step[0];
  let next: HTMLElement | null | undefined;
  // Headings of sections and cells that cannot be typed in are stepped over.
  for (; rows[at] && !next; at += step[0] || rows.length)
    next = rows[at]!.cells[cell.cellIndex + step[1]]?.querySelector<HTMLElement>(
      typed ? 'input' : 'button, input',
    );
  next?.focus();
  if (next instanceof HTMLInputElement) next.select();
}
