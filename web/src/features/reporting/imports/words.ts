import type { Tone } from '@/ui';
import type { FileCheck, FileFigure, FileLine, FigureImport, ToldLine } from './queries';

export const BECAUSE: Record<FileLine['because'], string> = {
  given: 'as you said',
  remembered: 'remembered',
  key: 'by its key',
  name: 'by its name',
  computed: 'computed here',
  unknown: 'to decide',
};

export const STATES: Record<FileFigure['state'], { text: string; tone: Tone }> = {
  new: { text: 'New', tone: 'pos' },
  changed: { text: 'Changed', tone: 'info' },
  same: { text: 'Same', tone: 'neutral' },
  error: { text: 'Wrong', tone: 'neg' },
};

export const SCALES = [
  { value: '1', label: 'Units' },
  { value: '1000', label: 'Thousands' },
  { value: '1000000', label: 'Millions' },
  { value: '1000000000', label: 'Billions' },
];

export const SIGNS = [
  { value: '1', label: 'As written' },
  { value: '-1', label: 'Turned round' },
];

export const PERCENTS = [
  { value: 'fraction', label: 'Fractions: 0.93' },
  { value: 'percent', label: 'Percent: 93' },
];

/** The value of the choice that leaves a line out. */
export const LEFT_OUT = '-';

export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;

/** What a line stands for once what was just said of it holds. */
export function lineNow(line: FileLine, told: ToldLine | undefined): FileLine {
  if (!told) return line;
  return {
    ...line,
    metric: told.metric,
    scale: told.scale ?? line.scale,
    sign: told.sign ?? line.sign,
    percent: (told.percent as FileLine['percent']) ?? line.percent,
    decided: true,
    because: 'given',
  };
}

/** The lines nobody knows the metric of. */
export const undecided = (lines: readonly FileLine[], told: Readonly<Record<string, ToldLine>>): number =>
  lines.filter((line) => !lineNow(line, told[line.line]).decided).length;

/** What the file states itself, and what follows from it; null where it states nothing. */
export function statedText({ form, stated_scale, stated_currency, periods }: FileCheck): string {
  const scale = SCALES.find(({ value }) => value === String(stated_scale))?.label.toLowerCase();
  const said = [stated_currency, stated_scale !== null && stated_scale !== 1 ? scale : null].filter(Boolean);
  return [
    form === 'wide' ? 'Periods across, metrics down' : 'One figure a row',
    counted(periods.length, 'period'),
    ...(said.length > 0 ? [`the file says ${said.join(', ')}`] : []),
  ].join(' · ');
}

const RECEIPT: Record<string, string> = {
  created: 'New figures',
  restated: 'Restated',
  unchanged: 'Recorded already',
  voided: 'Taken back',
  restored: 'Say again what they said before',
  kept: 'Left alone, corrected since',
};

/** What an import brought and, once undone, what became of that, in the order it happened. */
export const receiptItems = ({ receipt }: FigureImport) =>
  Object.entries(RECEIPT).flatMap(([name, label]) =>
    typeof receipt[name] === 'number'
      ? [{ label, value: (receipt[name] as number).toLocaleString('en-US') }]
      : [],
  );
