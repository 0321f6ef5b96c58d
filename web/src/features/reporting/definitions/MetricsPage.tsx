import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useMay } from '@/api/abilities';
import {
  Button,
  type Column,
  DataTable,
  EmptyBlock,
  FormDrawer,
  IconPlus,
  Loaded,
  PageHead,
  TextButton,
  useSetSearch,
} from '@/ui';
import { type Definition, definitionsQuery } from '../queries';
import { DefinitionForm } from './DefinitionForm';
import { Meaning } from './Meaning';
import { FX, KIND_NAMES, OVER_TIME, STATEMENTS, UNITS } from './words';

/** What each metric means: those that ship and the firm's own. */
export default function MetricsPage() {
  const definitions = useQuery(definitionsQuery);
  const { metric } = useSearch({ from: '/frame/definitions' });
  const setSearch = useSetSearch();
  const mayChange = useMay('metric_definition.change');
  const [adding, setAdding] = useState(false);
  const open = definitions.data?.find(({ key }) => key === metric);
  const close = () => setSearch({ metric: undefined });
  return (
    <>
      <PageHead
        title="Metrics"
        sub="What each figure means, how it adds up over time, and at which rate it is converted"
        right={
          mayChange && (
            <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
              Define a metric
            </Button>
          )
        }
      />
      <Loaded query={definitions} what="the metrics" size="l">
        {(found) => <MetricTable definitions={found} onOpen={(key) => setSearch({ metric: key })} />}
      </Loaded>
      <FormDrawer opened={open !== undefined} onClose={close} title={open?.label ?? ''} wide>
        {open &&
          (open.shipped || !mayChange ? (
            <Meaning one={open} all={definitions.data ?? []} />
          ) : (
            <DefinitionForm key={open.key} known={open} onDone={close} />
          ))}
      </FormDrawer>
      <FormDrawer opened={adding} onClose={() => setAdding(false)} title="Define a metric" wide>
        {adding && <DefinitionForm known={null} onDone={() => setAdding(false)} />}
      </FormDrawer>
    </>
  );
}

function MetricTable({ definitions, onOpen }: { definitions: Definition[]; onOpen: (key: string) => void }) {
  const columns = useMemo<Column<Definition>[]>(
    () => [
      {
        id: 'label',
        accessorKey: 'label',
        size: 290,
        meta: { label: 'Metric', narrow: 190 },
        cell: ({ row: { original: one } }) => (
          <TextButton onClick={() => onOpen(one.key)}>{one.label}</TextButton>
        ),
      },
      { id: 'key', accessorKey: 'key', size: 210, meta: { label: 'Key' } },
      {
        id: 'statement',
        accessorFn: (one) => STATEMENTS[one.statement],
        size: 130,
        filterFn: 'arrIncludesSome',
        meta: { label: 'Statement', facet: true },
      },
      {
        id: 'unit',
        accessorFn: (one) => UNITS[one.unit],
        size: 100,
        filterFn: 'arrIncludesSome',
        meta: { label: 'Unit', facet: true, narrow: 90 },
      },
      {
        id: 'kind',
        accessorFn: (one) => KIND_NAMES[one.kind],
        size: 100,
        filterFn: 'arrIncludesSome',
        meta: { label: 'Kind', facet: true },
      },
      {
        id: 'over_time',
        accessorFn: (one) => OVER_TIME[one.aggregation],
        size: 125,
        meta: { label: 'Over time' },
      },
      { id: 'fx', accessorFn: (one) => FX[one.fx], size: 180, meta: { label: 'Converted at' } },
      { id: 'formula', accessorFn: (one) => one.formula ?? '', size: 260, meta: { label: 'Formula' } },
      {
        id: 'whose',
        accessorFn: (one) => (one.shipped ? 'Ships' : 'Own'),
        size: 80,
        filterFn: 'arrIncludesSome',
        meta: { label: 'Whose', facet: true },
      },
    ],
    [onOpen],
  );
  return (
    <DataTable
      data={definitions}
      columns={columns}
      label="Metrics"
      fileName="metrics"
      rowId={(one) => one.key}
      empty={<EmptyBlock title="No metric is called that" hint="Clear the search or the filters." />}
    />
  );
}
