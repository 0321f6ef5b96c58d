import { formatDate, formatQuantity, NA } from '@/lib/format';
import { DetailList, Note } from '@/ui';
import { RATE_SOURCES, rateText } from '@/lib/rates';
import classes from './FigureDrawer.module.css';
import { reasonText } from './figures';
import type { Cell } from './queries';

interface Props {
  figure: Cell | null;
  labels: ReadonlyMap<string, string>;
}

const MADE: Record<Cell['made'], string> = {
  reported: 'As it was reported for this period.',
  months: 'Made of its months: flows add up, stocks take the last.',
  quarters: 'Made of its quarters: flows add up, stocks take the last.',
  year: 'Taken from the year.',
  formula: 'Computed.',
  none: 'There is no figure.',
};

interface Rung {
  /** Of a computed figure: whose amount this is. */
  metric?: string;
  amount: string;
  from?: string;
  to?: string;
  rule: string;
  rate?: string;
  published_on?: string;
  source?: string;
  stale?: boolean;
  value?: string;
}

const RULES: Record<string, string> = {
  average: 'average of the period',
  closing: 'closing rate',
  historical: 'rate of the period it was paid in',
};

/** Formula and inputs of a computed figure, the rates of a converted one, or why there is none. */
export function FigureMade({ figure, labels }: Props) {
  if (figure === null) return <Note>Nobody reported it, and it cannot be made of what was reported.</Note>;
  const { formula, inputs, ladder } = (figure.explain ?? {}) as {
    formula?: string | null;
    inputs?: Record<string, string | null>;
    ladder?: Rung[];
  };
  const given = Object.entries(inputs ?? {});
  return (
    <>
      {formula && figure.made === 'formula' ? (
        <p className={classes.formula}>{formula}</p>
      ) : (
        <Note>{MADE[figure.made]}</Note>
      )}
      {figure.value === null && figure.reason && (
        <Note>{`Because: ${reasonText(figure.reason, labels)}.`}</Note>
      )}
      {given.length > 0 && (
        <DetailList
          items={given.map(([name, value]) => ({
            label: labels.get(name) ?? name,
            value: value === null ? NA : formatQuantity(value),
          }))}
        />
      )}
      {ladder && ladder.length > 0 && (
        <ol className={classes.ladder} aria-label="Conversions">
          {ladder.map((rung, index) => (
            <li key={index}>
              {rung.rate
                ? `${formatQuantity(rung.amount)} ${rung.from} × ${rateText(rung.rate)} = ${formatQuantity(rung.value)} ${rung.to}`
                : formatQuantity(rung.amount)}
              <small>
                {rung.metric && `${labels.get(rung.metric) ?? rung.metric}, `}
                {RULES[rung.rule] ?? rung.rule}
                {rung.source && `, ${RATE_SOURCES[rung.source] ?? rung.source}`}
                {rung.published_on && `, up to ${formatDate(rung.published_on)}`}
                {rung.stale && ', older than it should be'}
              </small>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}
