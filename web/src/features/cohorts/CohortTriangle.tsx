import { type CSSProperties, type KeyboardEvent, memo, type PointerEvent, useDeferredValue } from 'react';
import type { Cashflows, Cohort, CohortPeriod } from '@/api/types';
import { formatDate, formatMoney, formatPercent, NA } from '@/lib/format';
import { NotAvailable } from '@/ui';
import { type Measure, type Minimums, scaleOf, sentenceOf, shareOf, stepOf } from './cells';
import classes from './CohortTriangle.module.css';
import { useSeenRows } from './useSeenRows';
import { rateReason } from './words';

interface Props {
  data: Cashflows;
  measure: Measure;
  minimums: Minimums;
  onOpen: (cohortMonth: string, period: number) => void;
}

/** The cells of a row that stand before its periods. */
const HEADS = 4;

/** A real table: the colour repeats what each cell already says in text, so it prints, copies and reads aloud. */
export function CohortTriangle({ data, measure, minimums, onOpen }: Props) {
  const widest = Math.max(
    0,
    ...data.cohorts.map(({ periods }) => (periods[periods.length - 1]?.period ?? -1) + 1),
  );
  const numbers = Array.from({ length: widest }, (_, period) => period);
  // Rows on the screen are drawn at once, the others right after: a slider waits for what its eyes are on.
  const later = useDeferredValue(data);
  const { body, isSeen } = useSeenRows(data.cohorts.length);
  // A sentence for each of thousands of cells would cost more than drawing them: it is made when one is pointed at.
  const tell = (event: PointerEvent<HTMLTableElement>) => {
    const cell = (event.target as HTMLElement).closest<HTMLTableCellElement>('td[data-step]');
    const cohort = data.cohorts[(cell?.parentElement as HTMLTableRowElement | null)?.sectionRowIndex ?? -1];
    const found = cell && cohort?.periods[cell.cellIndex - HEADS];
    if (found) cell.title = sentenceOf(cohort!, found, minimums, data.currency);
  };
  return (
    <>
      <div className={classes.scroll} tabIndex={0} role="region" aria-label="Table of cohorts">
        <table className={classes.table} onKeyDown={walk} onPointerOver={tell}>
          <thead>
            <tr>
              <th scope="col" className={classes.first}>
                Cohort
              </th>
              <th scope="col">Spend</th>
              <th scope="col" className={classes.wide}>
                Share
              </th>
              <th scope="col" className={classes.wide}>
                IRR
              </th>
              {numbers.map((period) => (
                <th key={period} scope="col" className={classes.period}>
                  M{period}
                </th>
              ))}
            </tr>
          </thead>
          <tbody ref={body}>
            {data.cohorts.map((cohort, index) => (
              <Row
                key={cohort.cohort_month}
                entrance={index === 0}
                cohort={isSeen(index) ? cohort : sameOf(later, cohort, index)}
                currency={data.currency}
                {...{ measure, minimums, widest, onOpen }}
              />
            ))}
          </tbody>
        </table>
      </div>
      <Legend measure={measure} />
    </>
  );
}

const sameOf = (data: Cashflows, cohort: Cohort, index: number): Cohort => {
  const found = data.cohorts[index];
  return found?.cohort_month === cohort.cohort_month ? found : cohort;
};

interface RowProps extends Omit<Props, 'data'> {
  cohort: Cohort;
  currency: string;
  widest: number;
  /** Its first cell is the one that Tab reaches. */
  entrance: boolean;
}

const Row = memo(function Row({ cohort, currency, widest, entrance, measure, minimums, onOpen }: RowProps) {
  const last = cohort.periods[cohort.periods.length - 1]?.period ?? -1;
  const known = cohort.periods.findIndex((cell) => cell.predicted);
  const ahead = known === -1 ? 0 : cohort.periods.length - known;
  return (
    <tr>
      <th scope="row" className={classes.first}>
        {formatDate(cohort.cohort_month, 'month')}
      </th>
      <td>
        {cohort.spend === null ? (
          <NotAvailable why="no spend recorded" />
        ) : (
          formatMoney(cohort.spend, { currency, unit: 'auto' })
        )}
      </td>
      <td className={classes.wide}>
        {cohort.sharing_percentage === null ? (
          <NotAvailable why="not funded" />
        ) : (
          formatPercent(cohort.sharing_percentage, { dp: 0 })
        )}
      </td>
      <td className={classes.wide}>
        {cohort.annual_irr === null ? (
          <NotAvailable why={rateReason(cohort.irr_status)} />
        ) : (
          <span className={cohort.annual_irr < 0 ? 'neg' : undefined}>
            {formatPercent(cohort.annual_irr)}
          </span>
        )}
      </td>
      {cohort.periods.map((cell, at) =>
        cell.predicted ? (
          foretoldCell(cohort, cell, measure, minimums, at === known ? ahead : undefined)
        ) : (
          <KnownCell
            key={cell.period}
            month={cohort.cohort_month}
            spend={cohort.spend}
            entrance={entrance && cell.period === 0}
            {...{ cell, measure, minimums, onOpen }}
          />
        ),
      )}
      {last + 1 < widest && <td colSpan={widest - last - 1} aria-label="not yet known" />}
    </tr>
  );
}, looksTheSame);

/** The server's answer mostly writes what the browser foretold: such a row is left as it is. */
function looksTheSame(drawn: RowProps, next: RowProps): boolean {
  const { cohort: one, ...others } = drawn;
  const { cohort: two, ...nexts } = next;
  const names = Object.keys(others) as (keyof typeof others)[];
  if (names.some((name) => others[name] !== nexts[name])) return false;
  if (one === two) return true;
  const { measure, minimums } = next;
  return (
    HEAD_FIELDS.every((field) => one[field] === two[field]) &&
    one.periods.length === two.periods.length &&
    one.periods.every((cell, at) => {
      const other = two.periods[at]!;
      if (cell === other) return true;
      if (CELL_FIELDS.some((field) => cell[field] !== other[field])) return false;
      const [share, now] = [shareOf(one, cell, measure, minimums), shareOf(two, other, measure, minimums)];
      return (
        written(share, measure) === written(now, measure) && stepAt(share, measure) === stepAt(now, measure)
      );
    })
  );
}

const HEAD_FIELDS = ['cohort_month', 'spend', 'sharing_percentage', 'annual_irr', 'irr_status'] as const;
const CELL_FIELDS = ['period', 'predicted', 'threshold_failed', 'capped'] as const;

/** Plain elements: a component for each of thousands of cells would cost more than the cells. */
function foretoldCell(
  cohort: Cohort,
  cell: CohortPeriod,
  measure: Measure,
  minimums: Minimums,
  ahead: number | undefined,
) {
  const share = shareOf(cohort, cell, measure, minimums);
  const text = written(share, measure);
  return (
    <td
      key={cell.period}
      className={classes.cell}
      {...marksOf(cell, share, measure)}
      data-predicted
      // The first one carries the edges of them all.
      data-ahead={ahead}
      style={ahead === undefined ? undefined : ({ '--ahead': ahead } as CSSProperties)}
      aria-label={`${text}, forecast`}
    >
      {text}
    </td>
  );
}

interface KnownProps extends Pick<Props, 'measure' | 'minimums' | 'onOpen'> {
  month: string;
  spend: string | null;
  cell: CohortPeriod;
  entrance: boolean;
}

/** Not drawn again while only the forecast moves. Nothing is said twice, the colours say it too. */
const KnownCell = memo(function KnownCell({
  month,
  spend,
  cell,
  entrance,
  measure,
  minimums,
  onOpen,
}: KnownProps) {
  const share = shareOf({ spend }, cell, measure, minimums);
  return (
    <td className={classes.cell} {...marksOf(cell, share, measure)}>
      <button type="button" tabIndex={entrance ? 0 : -1} onClick={() => onOpen(month, cell.period)}>
        {written(share, measure)}
        {cell.threshold_failed && <span className="sr-only">, below minimum</span>}
        {cell.capped && <span className="sr-only">, cap reached</span>}
      </button>
    </td>
  );
});

const stepAt = (share: number | null, measure: Measure): string =>
  share === null ? 'none' : stepOf(share, measure);

const marksOf = (cell: CohortPeriod, share: number | null, measure: Measure) => ({
  'data-step': stepAt(share, measure),
  'data-breached': cell.threshold_failed || undefined,
  'data-capped': cell.capped || undefined,
});

const written = (share: number | null, measure: Measure): string =>
  share === null
    ? NA
    : formatPercent(share, { dp: measure === 'period' ? 1 : 0, sign: measure === 'minimum' });

const STEPS_OF_KEYS: Record<string, [down: number, right: number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** One Tab stop for the whole table; the arrows go from cell to cell. */
function walk(event: KeyboardEvent<HTMLTableElement>) {
  const step = STEPS_OF_KEYS[event.key];
  const cell = (event.target as HTMLElement).closest('td');
  const row = cell?.closest('tr');
  if (!step || !cell || !row) return;
  event.preventDefault();
  const rows = [...event.currentTarget.rows];
  const next = rows[rows.indexOf(row) + step[0]]?.cells[cell.cellIndex + step[1]];
  next?.querySelector('button')?.focus();
}

function Legend({ measure }: { measure: Measure }) {
  const { steps, low, high } = scaleOf(measure);
  return (
    <div className={classes.legend} aria-hidden>
      <span className={classes.scale}>
        {low}
        {steps.map((step) => (
          <i key={step} data-step={step} />
        ))}
        {high}
      </span>
      <span>
        <i className={classes.key} data-step="s2" data-breached /> below minimum
      </span>
      <span>
        <i className={classes.key} data-step="s2" data-capped /> cap reached
      </span>
      <span>
        <i className={classes.key} data-step="s2" data-predicted /> forecast
      </span>
    </div>
  );
}
