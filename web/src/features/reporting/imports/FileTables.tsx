import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { formatInt, periodText } from '@/lib/format';
import { Card, CardBody, CardHead, type Column, DataTable, type ListedRow, RowList, StatusPill } from '@/ui';
import { SCENARIOS, wholeText } from '../figures';
import { definitionsQuery, type Definition } from '../queries';
import type { BadCell, FileCheck, FileFigure, FileFinding } from './queries';
import { STATES } from './words';

interface Props {
  found: FileCheck;
  fileName: string;
}

/** Every bad cell, what the checks would say, and every cell with the figure it would become. */
export function FileTables({ found, fileName }: Props) {
  const definitions = useQuery(definitionsQuery).data;
  const known = useMemo(() => new Map((definitions ?? []).map((one) => [one.key, one])), [definitions]);
  const columns = useMemo(() => figureColumns(known, found), [known, found]);
  const { errors, error_count, findings, figures, figure_count } = found;
  return (
    <>
      <Listed
        title="Errors"
        sub={firstOf(errors.length, error_count, 'bad cells')}
        rows={errors.map(errorRow)}
      />
      <Listed
        title="Findings"
        sub="What would not agree once this is recorded; it can be recorded all the same"
        rows={findings.map((one) => findingRow(one, known))}
      />
      {figures.length > 0 && (
        <DataTable
          data={figures}
          columns={columns}
          label="Figures of the file"
          fileName={`figures-${fileName}`}
          rowId={(row) => `${row.sheet}!${row.cell}-${row.scenario}`}
          heading={{ title: 'Figures', sub: firstOf(figures.length, figure_count, 'cells') }}
        />
      )}
    </>
  );
}

const firstOf = (shown: number, all: number, noun: string): string =>
  all > shown ? `The first ${formatInt(shown)} of ${formatInt(all)} ${noun}` : `${formatInt(all)} ${noun}`;

type Known = ReadonlyMap<string, Definition>;

/** A card of lines that are read in full, however long. */
function Listed({ title, sub, rows }: { title: string; sub: string; rows: ListedRow[] }) {
  if (rows.length === 0) return null;
  return (
    <Card>
      <CardHead title={title} sub={sub} />
      <CardBody>
        <RowList label={title} rows={rows} />
      </CardBody>
    </Card>
  );
}

const errorRow = ({ place, value, reason }: BadCell, at: number): ListedRow => ({
  key: `${place}-${at}`,
  text: `${place}: ${reason}`,
  note: value && `It says “${value}”`,
});

function findingRow({ severity, period, message, cells, mend }: FileFinding, known: Known): ListedRow {
  const definition = known.get(mend?.metric ?? '');
  const agrees =
    mend &&
    `${definition?.label ?? mend.metric} of ${wholeText(mend.value, definition?.unit ?? 'count', null)} would agree`;
  return {
    key: `${period}-${message}`,
    text: message,
    note: [periodText(period), cells.join(', '), agrees].filter(Boolean).join(' · '),
    right: (
      <StatusPill tone={severity === 'error' ? 'neg' : 'warn'}>
        {severity === 'error' ? 'Cannot be right' : 'Worth a look'}
      </StatusPill>
    ),
  };
}

const figureColumns = (known: Known, { periods, figures }: FileCheck): Column<FileFigure>[] => {
  const inOrder = new Map(periods.map(({ period }, index) => [period, index]));
  const currencies = [...new Set(figures.flatMap(({ currency }) => currency ?? []))];
  const only = currencies.length === 1 ? currencies[0] : undefined;
  const text = (value: string | null, row: FileFigure) =>
    value === null
      ? ''
      : wholeText(value, known.get(row.metric)?.unit ?? 'count', row.currency).replace(` ${only}`, '');
  return [
    { id: 'cell', accessorFn: placeOf, size: 130, meta: { label: 'Cell' } },
    {
      id: 'state',
      accessorFn: ({ state }) => STATES[state].text,
      size: 100,
      filterFn: 'arrIncludesSome',
      meta: { label: 'Becomes', facet: true, narrow: 76 },
      cell: ({ row: { original: row } }) => (
        <StatusPill tone={STATES[row.state].tone}>{STATES[row.state].text}</StatusPill>
      ),
    },
    {
      id: 'metric',
      accessorFn: ({ metric }) => known.get(metric)?.label ?? metric,
      size: 210,
      meta: { label: 'Metric', narrow: 120 },
    },
    {
      id: 'period',
      accessorFn: ({ period }) => inOrder.get(period),
      size: 100,
      sortFn: 'basic',
      meta: { label: 'Period', narrow: 70 },
      cell: ({ row: { original: row } }) => periodText(row.period),
    },
    ...(new Set(figures.map(({ scenario }) => scenario)).size > 1
      ? [
          {
            id: 'scenario',
            accessorFn: ({ scenario }: FileFigure) => SCENARIOS[scenario],
            size: 110,
            filterFn: 'arrIncludesSome',
            meta: { label: 'Scenario', facet: true },
          } satisfies Column<FileFigure>,
        ]
      : []),
    {
      id: 'written',
      accessorKey: 'written',
      size: 120,
      meta: { label: 'In the file', align: 'right' },
    },
    {
      id: 'value',
      accessorKey: 'value',
      size: 170,
      meta: { label: only ? `Figure, ${only}` : 'Figure', align: 'right', narrow: 110 },
      cell: ({ row: { original: row } }) => text(row.value, row),
    },
    {
      id: 'before',
      accessorKey: 'before',
      size: 170,
      meta: { label: 'Recorded now', align: 'right' },
      cell: ({ row: { original: row } }) => text(row.before, row),
    },
  ];
};

const placeOf = ({ sheet, cell }: FileFigure): string => (sheet ? `${sheet}!${cell}` : cell);
