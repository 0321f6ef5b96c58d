import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { CohortForecast } from '@/api/types';
import { formatInt, formatMoney, formatPercent } from '@/lib/format';
import {
  Card,
  type Column,
  DataTable,
  EmptyBlock,
  Loaded,
  NotAvailable,
  Stack,
  StatusPill,
  useCut,
} from '@/ui';
import { ForecastChart } from './ForecastChart';
import { forecastQuery } from './queries';

type Score = CohortForecast['league'][number];

const MODELS: Record<string, string> = {
  constant: 'Constant churn',
  sbg: 'Shifted beta-geometric',
  bdw: 'Beta-discrete Weibull',
  seasonal: 'Seasonal',
  bgnbd: 'Customers (BG/NBD)',
  paretonbd: 'Customers (Pareto/NBD)',
};

/** What the best model expects, within which band; and how each foretold the newest months without seeing them. */
export function League({ companyId, horizon }: { companyId: string; horizon: number }) {
  const forecast = useQuery({
    ...forecastQuery(companyId, useCut(), horizon),
    placeholderData: keepPreviousData,
  });
  return (
    <Loaded query={forecast} what="the models" size="s">
      {(data) => (
        <Stack>
          {data.months.length > 0 && (
            <Card>
              <ForecastChart data={data} model={MODELS[data.model ?? ''] ?? data.model ?? ''} />
            </Card>
          )}
          <Table data={data} />
        </Stack>
      )}
    </Loaded>
  );
}

const sentence = (reason: string | null) => reason && reason.charAt(0).toUpperCase() + reason.slice(1);

function Table({ data }: { data: CohortForecast }) {
  const share = (id: 'wape' | 'bias', label: string, sign: boolean, narrow?: number): Column<Score> => ({
    id,
    accessorKey: id,
    size: 130,
    meta: { label, align: 'right', narrow },
    cell: ({ row: { original: row } }) =>
      row[id] === null ? <NotAvailable why={row.reason ?? undefined} /> : formatPercent(row[id], { sign }),
  });
  const columns: Column<Score>[] = [
    {
      id: 'model',
      accessorFn: (row) => MODELS[row.model] ?? row.model,
      size: 220,
      meta: { label: 'Model', narrow: 140, wrap: true },
    },
    share('wape', 'Error', false, 70),
    share('bias', 'Bias', true),
    {
      id: 'rmse',
      accessorKey: 'rmse',
      size: 130,
      meta: { label: 'Typical miss', align: 'right' },
      cell: ({ row: { original: row } }) =>
        row.rmse === null ? (
          <NotAvailable why={row.reason ?? undefined} />
        ) : (
          formatMoney(row.rmse, { currency: data.currency })
        ),
    },
    {
      id: 'cells',
      accessorKey: 'cells',
      size: 110,
      meta: { label: 'Cells foretold', align: 'right' },
      cell: ({ row: { original: row } }) => formatInt(row.cells),
    },
    {
      id: 'state',
      accessorFn: (row) => (row.model === data.winner ? 'Best' : (row.reason ?? '')),
      size: 240,
      meta: { label: 'Note', narrow: 140, wrap: true },
      cell: ({ row: { original: row } }) =>
        row.model === data.winner ? <StatusPill tone="pos">Best</StatusPill> : sentence(row.reason),
    },
  ];
  return (
    <DataTable
      data={data.league}
      columns={columns}
      label="Models"
      fileName="models"
      rowId={(row) => row.model}
      heading={{
        title: 'Models',
        sub: data.held_back_months
          ? `How each foretold the newest ${data.held_back_months} months without seeing them; error: Σ|miss| ÷ Σ|paid|`
          : 'How each foretold the newest months without seeing them',
      }}
      empty={
        <EmptyBlock
          title="No model yet"
          hint={data.reason ?? 'The company has too few payments to hold any back.'}
        />
      }
    />
  );
}
