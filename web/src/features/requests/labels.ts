import { useQuery } from '@tanstack/react-query';
import { humanise } from '@/lib/format';
import { changeText, figureText } from './figures';
import { type FormField, reportedQuery, type SentValue } from './queries';

/** What metrics are called, and in what they are measured. */
export function useLabels() {
  const definitions = useQuery(reportedQuery);
  const known = new Map(definitions.data?.map((one) => [one.key, one]));
  return {
    labelOf: (key: string): string => known.get(key)?.label ?? humanise(key),
    unitOf: (key: string): FormField['unit'] => known.get(key)?.unit ?? 'count',
  };
}

/** A value, the one before, the change and the company's note, in one line. */
export function figureLine(one: SentValue, unit: FormField['unit']): string {
  const { value, previous, change } = one.figures;
  const now = value === null ? 'None' : figureText(value, unit, one.currency);
  const before = previous === null ? 'nothing before' : `was ${figureText(previous, unit, one.currency)}`;
  const moved = change === null ? '' : `, ${changeText(change)}`;
  return `${now}, ${before}${moved}.${one.note ? ` “${one.note}”` : ''}`;
}
