import {
  formatDate,
  formatMoney,
  formatMultiple,
  formatPercent,
  formatInt,
  humanise,
  NA,
} from '@/lib/format';
import { reasonText } from '@/lib/reasons';
import { useMemo } from 'react';
import type { ExplainedFlow, Explanation, Performance } from '@/api/types';
import { factOfRow } from '@/lib/facts';
import { type Column, DataTable, FactButton, Money, Note } from '@/ui';
import classes from './ExplainedFigure.module.css';
import { LABELS } from './labels';

const MULTIPLES = /\.(tvpi|dpi|rvpi|moic)$/;
const RATES = /\.(irr|pic)$/;

interface Props {
  field: string;
  data: Performance;
}

export function ExplainedFigure({ field, data }: Props) {
  const found = data.explain?.[field];
  if (!found) return <Note>The server gave no explanation for this figure.</Note>;
  return (
    <>
      <p className={`${classes.value} tnum`}>{shown(field, found, data.currency ?? undefined)}</p>
      {found.status && found.status !== 'ok' && <Note>{sentence(found.status)}</Note>}
      {found.value === null && <Note>{sentence(found.reason ?? reasonOf(data, field) ?? found.status)}</Note>}
      <p className={classes.formula}>{found.formula}</p>
      <dl className={classes.inputs}>
        {Object.entries(found.inputs).map(([name, value]) => (
          <div key={name}>
            <dt>{LABELS[`net.${name}`] ?? LABELS[`gross.${name}`] ?? humanise(name)}</dt>
            <dd className="tnum">{input(value)}</dd>
          </div>
        ))}
        {found.residual !== null && (
          <div>
            <dt>Residual at the solution</dt>
            <dd className="tnum">{found.residual.toExponential(2)}</dd>
          </div>
        )}
      </dl>
      {found.convention && <Note>{found.convention}.</Note>}
      {found.flows.length > 0 && <Flows flows={found.flows} currency={data.currency} />}
    </>
  );
}

/** `net.tvpi` is explained by the reasons of the net figures. */
function reasonOf(data: Performance, field: string): string | undefined {
  const [side, name = ''] = field.split('.');
  return (side === 'gross' ? data.gross : data.net)?.reasons[name];
}

function Flows({ flows, currency }: { flows: ExplainedFlow[]; currency: string | null }) {
  const columns = useMemo(() => flowColumns(currency ?? undefined), [currency]);
  return (
    <div className={classes.flows}>
      <DataTable
        data={flows}
        columns={columns}
        label="Flows behind the figure"
        fileName="flows"
        rowId={(flow) => `${flow.record}-${flow.id}-${flow.kind}-${flow.on}`}
        heading={{ title: flows.length === 1 ? 'The flow' : `The ${formatInt(flows.length)} flows` }}
      />
    </div>
  );
}

const flowColumns = (currency: string | undefined): Column<ExplainedFlow>[] => [
  {
    id: 'on',
    accessorKey: 'on',
    size: 116,
    meta: { label: 'Date', narrow: 112 },
    cell: ({ row: { original: flow } }) => <span className="tnum">{formatDate(flow.on)}</span>,
  },
  { id: 'kind', accessorFn: (flow) => humanise(flow.kind), size: 120, meta: { label: 'Kind', narrow: 90 } },
  {
    id: 'entry',
    accessorFn: (flow) => `${humanise(flow.record)} ${flow.id}`,
    size: 150,
    meta: { label: 'Entry' },
    cell: ({ row: { original: flow } }) => <Entry flow={flow} />,
  },
  {
    id: 'amount',
    accessorKey: 'amount',
    size: 150,
    sortFn: (a, b) => Number(a.original.amount) - Number(b.original.amount),
    meta: { label: 'Amount', align: 'right', narrow: 122 },
    cell: ({ row: { original: flow } }) => (
      <Money value={flow.amount} currency={currency} negative="parens" />
    ),
  },
];

/** The entry a flow was read from, which opens where it is one of its own and not a line of one. */
function Entry({ flow }: { flow: ExplainedFlow }) {
  const fact = factOfRow(flow.record, flow.id);
  const text = `${humanise(flow.record)} ${flow.id}`;
  return fact ? <FactButton {...fact}>{text}</FactButton> : text;
}

function shown(field: string, { value }: Explanation, currency: string | undefined): string {
  if (MULTIPLES.test(field)) return formatMultiple(value, 4);
  if (RATES.test(field)) return formatPercent(value, { dp: 4 });
  return formatMoney(value, { currency });
}

/** Inputs keep every digit: this is where a figure is checked. */
function input(value: string | number | null): string {
  if (value === null) return NA;
  const decimals = String(value).split('.')[1]?.length ?? 0;
  const text = formatMoney(value, { symbol: false, dp: decimals });
  return text === NA ? String(value) : text;
}

function sentence(code: string | null | undefined): string {
  const text = reasonText(code);
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
