import type { ReactNode } from 'react';
import { useAbilities } from '@/api/abilities';
import type { MonthlyRoundRow } from '@/api/types';
import { formatDate } from '@/lib/format';
import { Button, type Column, DataTable, EmptyBlock, Money, StatusPill, TextButton } from '@/ui';
import { DO, leadsOn, STATES, type Step, TONES } from './words';

interface Props {
  rows: MonthlyRoundRow[];
  currency: string;
  add: ReactNode;
  /** Opens a round, at one of its steps. */
  onOpen: (id: number, step: Step | null) => void;
}

/** A row a month: where it stands, what was planned, paid, spent and settled, and what comes next. */
export function RoundTable({ rows, currency, add, onOpen }: Props) {
  const may = useAbilities();
  const money = (id: Amount, label: string, narrow: number | false = false): Column<MonthlyRoundRow> => ({
    id,
    accessorKey: id,
    size: 125,
    meta: { label: `${label}, ${currency}`, align: 'right', narrow },
    cell: ({ row: { original: row } }) => (
      <Money value={row[id]} currency={currency} bare why={NOT_YET[id] ?? 'not yet'} />
    ),
  });
  const columns: Column<MonthlyRoundRow>[] = [
    {
      id: 'month',
      accessorKey: 'month',
      size: 110,
      meta: { label: 'Month', narrow: 80 },
      cell: ({ row: { original: row } }) => (
        <TextButton onClick={() => onOpen(row.id, null)}>{formatDate(row.month, 'month')}</TextButton>
      ),
    },
    {
      id: 'state',
      accessorFn: (row) => STATES[row.state],
      size: 100,
      meta: { label: 'State', narrow: 80 },
      cell: ({ row: { original: row } }) => {
        const tone = TONES[row.state];
        return tone ? <StatusPill tone={tone}>{STATES[row.state]}</StatusPill> : STATES[row.state];
      },
    },
    money('planned_spend', 'Planned'),
    money('actual_spend', 'Spent'),
    money('funded', 'Funded'),
    money('owed', 'Owed'),
    money('settled', 'Settled'),
    money('balance', 'Open', 100),
    {
      id: 'next',
      size: 180,
      enableSorting: false,
      accessorFn: () => null,
      meta: { label: 'Next', csv: false as const, sort: false as const, narrow: false },
      cell: ({ row: { original: row } }) => {
        const step = leadsOn(row, may);
        if (step === null) return null;
        const about = `${DO[step]}, ${formatDate(row.month, 'month')}`;
        return (
          <Button size="xs" variant="default" aria-label={about} onClick={() => onOpen(row.id, step)}>
            {DO[step]}
          </Button>
        );
      },
    },
  ];
  return (
    <DataTable
      data={rows}
      columns={columns}
      label="Rounds"
      fileName="rounds"
      rowId={(row) => String(row.id)}
      heading={{ title: 'Monthly rounds', sub: 'Owed as stated; open with all months before it' }}
      empty={
        <EmptyBlock
          title="No rounds yet"
          hint="A month begins with what the company plans to spend to win customers. The fund approves it and pays its share."
          action={add}
        />
      }
    />
  );
}

type Amount = 'planned_spend' | 'actual_spend' | 'funded' | 'owed' | 'settled' | 'balance';

const NOT_YET: Partial<Record<Amount, string>> = {
  actual_spend: 'the spend is not reported yet',
  owed: 'the month is not stated yet',
};
