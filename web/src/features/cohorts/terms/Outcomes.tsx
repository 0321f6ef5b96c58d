import type { Simulated, Stressed } from '@/api/types';
import { formatInt, formatMoney, formatMultiple, formatPercent, NA } from '@/lib/format';
import { type Column, DataTable, Halves, KpiStrip, NotAvailable, Stack, StatusPill } from '@/ui';
import { rateReason } from '../words';
import { BandChart } from './BandChart';
import { HistogramChart } from './HistogramChart';
import { limitWords } from './limits';
import type { Tried } from './runs';

interface Props {
  tried: Tried;
  currency: string;
}

/** What the terms would bring: over the drawn futures, under shocks, and how much churn they bear. */
export function Outcomes({ tried: { simulated, stressed }, currency }: Props) {
  return (
    <Stack>
      <Figures simulated={simulated} />
      <Halves>
        <HistogramChart run={simulated.result} />
        <BandChart run={simulated.result} currency={currency} />
      </Halves>
      <Stresses stressed={stressed} currency={currency} />
    </Stack>
  );
}

function Figures({ simulated: { result } }: { simulated: Simulated }) {
  const { annual_irr: irr } = result;
  const rate = (value: number | null) =>
    value === null ? <NotAvailable why="so few futures have a rate" /> : formatPercent(value);
  return (
    <KpiStrip
      label="What the terms would bring"
      items={[
        {
          key: 'loss',
          label: 'Probability of loss',
          value: formatPercent(result.chance_of_loss),
          note: `± ${formatPercent(result.chance_of_loss_error)}, ${formatInt(result.paths)} futures`,
        },
        { key: 'p5', label: 'IRR, p5', value: rate(irr.p5), note: 'one in twenty is worse' },
        { key: 'p50', label: 'IRR, p50', value: rate(irr.p50), note: 'half are worse, half better' },
        { key: 'p95', label: 'IRR, p95', value: rate(irr.p95), note: 'one in twenty is better' },
        {
          key: 'multiple',
          label: 'Expected multiple',
          value: formatMultiple(result.expected_multiple),
          note: 'collected ÷ outlay',
        },
        {
          key: 'capped',
          label: 'Cap reached',
          value: formatPercent(result.chance_capped, { dp: 0 }),
          note:
            result.months_to_cap.p50 === null
              ? 'in fewer than half of the futures'
              : `in half of the futures by month ${result.months_to_cap.p50}`,
        },
      ]}
    />
  );
}

type Outcome = Stressed['expected'];

function Stresses({ stressed, currency }: { stressed: Stressed; currency: string }) {
  const { churn_until_cap_missed: cap, churn_until_loss: loss } = stressed;
  const rows = [{ ...stressed.expected, name: 'As expected' }, ...stressed.shocks];
  const columns: Column<Outcome>[] = [
    { id: 'name', accessorKey: 'name', size: 220, meta: { label: 'If', narrow: 190 } },
    {
      id: 'collected',
      accessorKey: 'collected',
      size: 130,
      meta: { label: 'Collected', align: 'right', narrow: 100 },
      cell: ({ row: { original: row } }) => formatMoney(row.collected, { currency }),
    },
    {
      id: 'multiple',
      accessorKey: 'multiple',
      size: 100,
      meta: { label: 'Multiple', align: 'right', narrow: 70 },
      cell: ({ row: { original: row } }) => formatMultiple(row.multiple),
    },
    {
      id: 'annual_irr',
      accessorKey: 'annual_irr',
      size: 110,
      meta: { label: 'Fund IRR', align: 'right' },
      cell: ({ row: { original: row } }) =>
        row.annual_irr === null ? (
          <NotAvailable why={rateReason(row.irr_status)} />
        ) : (
          <span className={row.annual_irr < 0 ? 'neg' : undefined}>{formatPercent(row.annual_irr)}</span>
        ),
    },
    {
      id: 'months_to_cap',
      accessorKey: 'months_to_cap',
      size: 130,
      meta: { label: 'Months to cap', align: 'right' },
      cell: ({ row: { original: row } }) => row.months_to_cap ?? NA,
    },
    {
      id: 'lost',
      accessorFn: (row) => (row.lost ? 'Loss' : 'Outlay is back'),
      size: 130,
      meta: { label: 'Outcome' },
      cell: ({ row: { original: row } }) =>
        row.lost ? <StatusPill tone="neg">Loss</StatusPill> : 'Outlay is back',
    },
  ];
  return (
    <DataTable
      data={rows}
      columns={columns}
      label="Stress"
      fileName="stress"
      rowId={(row) => row.name}
      heading={{
        title: 'Stress and reverse stress',
        sub: `${limitWords(cap, 'cap', currency)} ${limitWords(loss, 'outlay', currency)}`,
      }}
    />
  );
}
