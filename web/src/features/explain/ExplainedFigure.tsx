import {
  formatDate,
  formatMoney,
  formatMultiple,
  formatPercent,
  formatQuantity,
  humanise,
} from '@/lib/format';
import { reasonText } from '@/lib/reasons';
import type { Explanation, Performance } from '@/api/types';
import { Note, Table } from '@/ui';
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
      <p className={`${classes.value} tnum`}>{shown(field, found, data.currency ?? 'USD')}</p>
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
      {found.flows.length > 0 && <Flows flows={found.flows} currency={data.currency ?? 'USD'} />}
    </>
  );
}

/** `net.tvpi` is explained by the reasons of the net figures. */
function reasonOf(data: Performance, field: string): string | undefined {
  const [side, name = ''] = field.split('.');
  return (side === 'gross' ? data.gross : data.net)?.reasons[name];
}

function Flows({ flows, currency }: { flows: Explanation['flows']; currency: string }) {
  return (
    <>
      <h3 className={classes.heading}>{flows.length === 1 ? 'The flow' : `The ${flows.length} flows`}</h3>
      <div className={classes.scroll} tabIndex={0} role="region" aria-label="Flows behind the figure">
        <Table fz="sm" verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Date</Table.Th>
              <Table.Th>Kind</Table.Th>
              <Table.Th>Entry</Table.Th>
              <Table.Th className="num">Amount</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {flows.map((flow, index) => (
              <Table.Tr key={index}>
                <Table.Td className="tnum">{formatDate(flow.on)}</Table.Td>
                <Table.Td>{humanise(flow.kind)}</Table.Td>
                <Table.Td className="tnum">{`${humanise(flow.record)} ${flow.id}`}</Table.Td>
                <Table.Td className="num">
                  {formatMoney(flow.amount, { currency, negative: 'parens' })}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </>
  );
}

function shown(field: string, { value }: Explanation, currency: string): string {
  if (MULTIPLES.test(field)) return formatMultiple(value, 4);
  if (RATES.test(field)) return formatPercent(value, { dp: 4 });
  return formatMoney(value, { currency });
}

/** Inputs keep every digit: this is where a figure is checked. */
const input = (value: string | number | null): string =>
  typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? formatQuantity(value) : String(value ?? '–');

function sentence(code: string | null | undefined): string {
  const text = reasonText(code);
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
