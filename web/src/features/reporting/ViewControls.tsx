import { FilterBar, SegmentedControl, Select } from '@/ui';
import { useCurrencyChoices } from './currencyChoices';
import { KINDS, SCALES, type Scale, SCENARIOS } from './figures';
import type { PeriodKind, Scenario } from './queries';
import classes from './reporting.module.css';

export const SPANS = ['8', '12', 'all'] as const;
export type Span = (typeof SPANS)[number];
const SPAN_WORDS: Record<Span, string> = {
  '8': 'Last 8 periods',
  '12': 'Last 12 periods',
  all: 'All periods',
};

interface Props {
  kind: PeriodKind;
  scenario?: Scenario;
  currency: string | undefined;
  /** The company's own. */
  own: string | undefined;
  scale?: Scale;
  span: Span;
  onChange: (change: Record<string, string | undefined>) => void;
}

/** How figures are shown: which periods, plan or fact, in which currency and scale. */
export function ViewControls({ kind, scenario, currency, own, scale, span, onChange }: Props) {
  const known = useCurrencyChoices(own, currency);
  return (
    <FilterBar label="How the figures are shown">
      <SegmentedControl
        className={classes.wide}
        aria-label="Periods of"
        data={Object.entries(KINDS).map(([value, label]) => ({ value, label }))}
        value={kind}
        onChange={(value) => onChange({ period: value === 'quarter' ? undefined : value, cell: undefined })}
      />
      {scenario && (
        <Select
          aria-label="Scenario"
          allowDeselect={false}
          data={Object.entries(SCENARIOS).map(([value, label]) => ({ value, label }))}
          value={scenario}
          onChange={(value) => onChange({ scenario: value === 'actual' ? undefined : (value ?? undefined) })}
        />
      )}
      <Select
        aria-label="Currency"
        allowDeselect={false}
        searchable
        data={known.map((code) => ({ value: code, label: code === own ? `${code} (its own)` : code }))}
        value={currency ?? own ?? null}
        onChange={(value) => onChange({ currency: value === own ? undefined : (value ?? undefined) })}
      />
      {scale && (
        <SegmentedControl
          aria-label="Scale"
          data={Object.entries(SCALES).map(([value, label]) => ({ value, label }))}
          value={scale}
          onChange={(value) => onChange({ scale: value })}
        />
      )}
      <Select
        aria-label="How many periods"
        allowDeselect={false}
        data={SPANS.map((value) => ({ value, label: SPAN_WORDS[value] }))}
        value={span}
        onChange={(value) => onChange({ span: value === '8' ? undefined : (value ?? undefined) })}
      />
    </FilterBar>
  );
}

/** The periods of a view that are shown: those up to the date of the page, and of them the last few. */
export function spanned<T extends { ends_on: string }>(
  periods: T[],
  span: Span,
  as_of: string | undefined,
): T[] {
  const over = as_of === undefined ? periods : periods.filter(({ ends_on }) => ends_on <= as_of);
  return span === 'all' ? over : over.slice(-Number(span));
}
