import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { CohortGroups } from '@/api/types';
import { formatInt, formatMultiple, formatPercent, tableUnit, unitLabel } from '@/lib/format';
import { type Column, DataTable, EmptyBlock, Loaded, Money, NotAvailable, Sparkline, useCut } from '@/ui';
import { groupsQuery } from './queries';
import { monthSpans } from './shapes';

type Group = CohortGroups['groups'][number];

/** Which cohorts behave alike, and what a unit of their first month brought. */
export function Alike({ companyId }: { companyId: string }) {
  const groups = useQuery({ ...groupsQuery(companyId, useCut()), placeholderData: keepPreviousData });
  return (
    <Loaded query={groups} what="the groups of cohorts" size="s">
      {(data) => <Table data={data} />}
    </Loaded>
  );
}

function Table({ data }: { data: CohortGroups }) {
  const unit = tableUnit(data.groups.map(({ spend }) => spend));
  const last = data.periods - 1;
  const columns: Column<Group>[] = [
    {
      id: 'cohorts',
      accessorFn: ({ cohort_months }) => monthSpans(cohort_months),
      size: 300,
      enableSorting: false,
      meta: { label: 'Cohorts', narrow: 130, wrap: true },
    },
    {
      id: 'count',
      accessorFn: ({ cohort_months }) => cohort_months.length,
      size: 90,
      meta: { label: 'How many', align: 'right', narrow: 70 },
      cell: ({ row: { original: row } }) => formatInt(row.cohort_months.length),
    },
    {
      id: 'customers',
      accessorKey: 'customers',
      size: 110,
      meta: { label: 'Customers', align: 'right' },
      cell: ({ row: { original: row } }) => formatInt(row.customers),
    },
    {
      id: 'spend',
      accessorKey: 'spend',
      size: 120,
      meta: { label: `Spend, ${unitLabel(data.currency, unit)}`, align: 'right' },
      cell: ({ row: { original: row } }) =>
        row.spend === null ? (
          <NotAvailable why="The spend of a month is not recorded" />
        ) : (
          <Money value={row.spend} currency={data.currency} unit={unit} bare />
        ),
    },
    {
      id: 'second',
      accessorFn: ({ course }) => course[1],
      size: 120,
      meta: { label: 'Month 1', align: 'right' },
      cell: ({ row: { original: row } }) => formatPercent(row.course[1]),
    },
    {
      id: 'last',
      accessorFn: ({ course }) => course[last],
      size: 130,
      meta: { label: `Month ${last}`, align: 'right', narrow: 80 },
      cell: ({ row: { original: row } }) => formatPercent(row.course[last]),
    },
    {
      id: 'worth',
      accessorKey: 'worth',
      size: 130,
      meta: { label: 'Worth', align: 'right', narrow: 80 },
      cell: ({ row: { original: row } }) => formatMultiple(row.worth),
    },
    {
      id: 'course',
      accessorFn: () => '',
      size: 140,
      enableSorting: false,
      meta: { label: 'Course', csv: false },
      cell: ({ row: { original: row } }) => (
        <Sparkline data={row.course} label={`Course of ${monthSpans(row.cohort_months)}`} />
      ),
    },
  ];
  return (
    <DataTable
      data={data.groups}
      columns={columns}
      label="Cohorts that behave alike"
      fileName="cohort-groups"
      rowId={(row) => row.cohort_months[0]!}
      heading={{ title: 'Cohorts that behave alike', sub: says(data) }}
      empty={
        <EmptyBlock
          title="No groups yet"
          hint="Six cohorts with payments in three months or more can be compared."
        />
      }
    />
  );
}

function says({ reason, periods, left_out }: CohortGroups): string {
  if (reason === 'too_few_cohorts') return 'By the course of their payments';
  const without = left_out.length === 0 ? '' : `; too young: ${monthSpans(left_out)}`;
  const found = reason === null ? '' : 'They do not fall into groups: all of them together. ';
  return `${found}Payments of ${periods} months against the first${without}`;
}
