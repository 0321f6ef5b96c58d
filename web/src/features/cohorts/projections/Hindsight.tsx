import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearch } from '@tanstack/react-router';
import type { Cashflows } from '@/api/types';
import { endOfDay } from '@/lib/dates';
import { formatDate, formatPercent, tableUnit, unitLabel } from '@/lib/format';
import {
  Card,
  type Column,
  DataTable,
  EmptyBlock,
  Loaded,
  Money,
  NotAvailable,
  Select,
  Switch,
  useCut,
  useSetSearch,
} from '@/ui';
import classes from './Projections.module.css';
import { type Assumed, projectionQuery } from './queries';
import { forecastDays, hindsight, type Hindsight as Row } from './shapes';

interface Props {
  companyId: string;
  /** What is known now. */
  now: Cashflows;
  assumed: Assumed;
}

/** What the same assumption would have foretold on an earlier day, against what was paid since. */
export function Hindsight({ companyId, now, assumed }: Props) {
  const { made } = useSearch({ from: '/frame/companies/$companyId/cohorts/projections' });
  const setSearch = useSetSearch();
  const cut = useCut();
  const [asKnown, setAsKnown] = useState(false);
  const days = forecastDays(now);
  const day = made && days.includes(made) ? made : days[Math.min(2, days.length - 1)];
  const known_at = asKnown && day ? endOfDay(day) : cut.known_at;
  const then = useQuery({
    ...projectionQuery(companyId, { as_of: day, known_at }, assumed),
    enabled: day !== undefined,
    placeholderData: keepPreviousData,
  });
  if (day === undefined)
    return (
      <Card>
        <EmptyBlock
          title="No earlier forecast yet"
          hint="With payments of two months or more, a forecast can be held against what was paid since."
        />
      </Card>
    );
  return (
    <Loaded query={then} what="the earlier forecast" size="m">
      {(found) => (
        <Table
          rows={hindsight(found, now)}
          currency={now.currency}
          sub={`Payments up to each cohort’s newest month, against a forecast that knew what was paid by ${formatDate(day)}`}
          right={
            <span className={`${classes.pick} no-print`}>
              <Select
                aria-label="Forecast made on"
                data={days.map((one) => ({ value: one, label: formatDate(one) }))}
                value={day}
                onChange={(value) => setSearch({ made: value ?? undefined }, true)}
                allowDeselect={false}
              />
              <Switch
                label="As known then"
                checked={asKnown}
                onChange={(event) => setAsKnown(event.currentTarget.checked)}
              />
            </span>
          }
        />
      )}
    </Loaded>
  );
}

interface TableProps {
  rows: Row[];
  currency: string;
  sub: string;
  right: React.ReactNode;
}

function Table({ rows, currency, sub, right }: TableProps) {
  const unit = tableUnit(rows.flatMap((one) => [one.forecast, one.actual]));
  const money = (id: 'forecast' | 'actual', label: string): Column<Row> => ({
    id,
    accessorKey: id,
    size: 140,
    meta: { label: `${label}, ${unitLabel(currency, unit)}`, align: 'right', narrow: 100 },
    cell: ({ row: { original: row } }) => <Money value={row[id]} currency={currency} unit={unit} bare />,
  });
  const columns: Column<Row>[] = [
    {
      id: 'month',
      accessorKey: 'month',
      size: 130,
      meta: { label: 'Cohort', narrow: 96 },
      cell: ({ row: { original: row } }) => formatDate(row.month, 'month'),
    },
    { id: 'knew', accessorKey: 'knew', size: 150, meta: { label: 'Months it knew', align: 'right' } },
    {
      id: 'foretold',
      accessorFn: (row) => row.period + 1 - row.knew,
      size: 150,
      meta: { label: 'Months foretold', align: 'right' },
    },
    money('forecast', 'Forecast'),
    money('actual', 'Paid'),
    {
      id: 'off',
      accessorKey: 'off',
      size: 140,
      meta: { label: 'Difference', align: 'right', narrow: 96 },
      cell: ({ row: { original: row } }) =>
        row.off === null ? (
          <NotAvailable why="nothing was foretold" />
        ) : (
          <span className={row.off < 0 ? 'neg' : undefined}>{formatPercent(row.off, { sign: true })}</span>
        ),
    },
  ];
  return (
    <DataTable
      data={rows}
      columns={columns}
      label="Forecast against actuals"
      fileName="forecast-against-actuals"
      rowId={(row) => row.month}
      heading={{ title: 'Forecast against actuals', sub, right }}
      empty={
        <EmptyBlock
          title="Nothing to hold against it"
          hint="No cohort was known on that day, or none has been paid since. Choose another day."
        />
      }
    />
  );
}
