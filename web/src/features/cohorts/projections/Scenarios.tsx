import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Comparison, Scenario } from '@/api/types';
import { formatPercent, humanise, tableUnit, unitLabel } from '@/lib/format';
import {
  Card,
  type Column,
  DataTable,
  EmptyBlock,
  Loaded,
  Money,
  NotAvailable,
  Select,
  Stack,
  TextButton,
  useCut,
} from '@/ui';
import { rateReason } from '../words';
import classes from './Projections.module.css';
import { comparisonQuery } from './queries';
import { ScenarioChart } from './ScenarioChart';
import { ScenarioDrawer } from './ScenarioDrawer';

type Compared = Comparison['scenarios'][number];

interface Props {
  companyId: string;
  horizon: number;
  /** As they are recorded. */
  saved: readonly Scenario[];
}

/** Saved scenarios beside each other, and two of them month by month. */
export function Scenarios({ companyId, horizon, saved }: Props) {
  const [opened, setOpened] = useState<string>();
  const close = () => setOpened(undefined);
  const scenario = saved.find(({ name }) => name === opened);
  const compared = useQuery({
    ...comparisonQuery(companyId, useCut(), horizon),
    placeholderData: keepPreviousData,
  });
  return (
    <Loaded query={compared} what="the scenarios" size="m">
      {(data) => (
        <Stack>
          <Table data={data} onOpen={setOpened} />
          {data.scenarios.length > 1 && <Two data={data} />}
          {scenario && (
            <ScenarioDrawer companyId={companyId} scenario={scenario} onVoided={close} onClose={close} />
          )}
        </Stack>
      )}
    </Loaded>
  );
}

function Two({ data }: { data: Comparison }) {
  const names = data.scenarios.map(({ name }) => name);
  const [first, setFirst] = useState(names[0]!);
  const [second, setSecond] = useState(names[names.length - 1]!);
  const find = (name: string, otherwise: number) =>
    data.scenarios.find((one) => one.name === name) ?? data.scenarios[otherwise]!;
  const pick = (label: string, value: string, onChange: (name: string) => void) => (
    <Select
      aria-label={label}
      data={names.map((name) => ({ value: name, label: humanise(name) }))}
      value={value}
      onChange={(name) => onChange(name ?? value)}
      allowDeselect={false}
    />
  );
  const a = find(first, 0);
  const b = find(second, data.scenarios.length - 1);
  return (
    <Card>
      <ScenarioChart
        first={a}
        second={b}
        currency={data.currency}
        controls={
          <span className={classes.pick}>
            {pick('First scenario', a.name, setFirst)}
            {pick('Second scenario', b.name, setSecond)}
          </span>
        }
      />
    </Card>
  );
}

function Table({ data, onOpen }: { data: Comparison; onOpen: (name: string) => void }) {
  const { currency, scenarios } = data;
  const unit = tableUnit(scenarios.flatMap((one) => [one.outlay, one.collected]));
  const money = (
    id: 'outlay' | 'collected' | 'payment',
    label: string,
    narrow?: number,
  ): Column<Compared> => ({
    id,
    accessorKey: id,
    size: 130,
    meta: { label: `${label}, ${unitLabel(currency, unit)}`, align: 'right', narrow },
    cell: ({ row: { original: row } }) => <Money value={row[id]} currency={currency} unit={unit} bare />,
  });
  const columns: Column<Compared>[] = [
    {
      id: 'name',
      accessorKey: 'name',
      size: 200,
      meta: { label: 'Scenario', narrow: 110 },
      cell: ({ row: { original: row } }) => (
        <TextButton onClick={() => onOpen(row.name)}>{humanise(row.name)}</TextButton>
      ),
    },
    {
      id: 'm0',
      accessorKey: 'm0',
      size: 110,
      meta: { label: 'First month', align: 'right' },
      cell: ({ row: { original: row } }) => formatPercent(row.m0),
    },
    {
      id: 'churn',
      accessorKey: 'churn',
      size: 100,
      meta: { label: 'Churn', align: 'right', narrow: 70 },
      cell: ({ row: { original: row } }) => formatPercent(row.churn),
    },
    money('payment', 'Payments'),
    money('outlay', 'Funded'),
    money('collected', 'Collected', 110),
    {
      id: 'annual_irr',
      accessorKey: 'annual_irr',
      size: 110,
      meta: { label: 'Fund IRR', align: 'right', narrow: 80 },
      cell: ({ row: { original: row } }) =>
        row.annual_irr === null ? (
          <NotAvailable why={rateReason(row.irr_status)} />
        ) : (
          <span className={row.annual_irr < 0 ? 'neg' : undefined}>{formatPercent(row.annual_irr)}</span>
        ),
    },
  ];
  return (
    <DataTable
      data={scenarios}
      columns={columns}
      label="Scenarios"
      fileName="scenarios"
      rowId={(row) => row.name}
      heading={{ title: 'Scenarios', sub: 'What each saved scenario would bring by the horizon' }}
      empty={
        <EmptyBlock
          title="No scenarios yet"
          hint="Move the churn to what you think of, and save it under a name: worst, average, best, or any other."
        />
      }
    />
  );
}
