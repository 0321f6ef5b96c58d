import { keepPreviousData, useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { everyRow } from '@/api/lists';
import type { Page } from '@/api/types';
import { formatDate } from '@/lib/format';
import {
  type Column,
  ConfirmButton,
  DataTable,
  EmptyBlock,
  FormError,
  Loaded,
  notify,
  type ServerFacet,
  useCut,
  useServerList,
  useSetSearch,
} from '@/ui';
import { fetchRates, type FxRate, ratesList, voidRate } from './queries';
import { rateText } from '@/lib/rates';
import { KINDS } from './words';

/** Every published and own rate, the latest first. */
export function RateTable({ mayChange }: { mayChange: boolean }) {
  const { q, sort, kind } = useSearch({ from: '/frame/fx' });
  const { known_at } = useCut();
  const setSearch = useSetSearch();
  const cache = useQueryClient();
  const wanted = Object.keys(KINDS).find((name) => name === kind) as FxRate['kind'] | undefined;
  const query = { q, sort, kind: wanted, known_at };
  const list = useInfiniteQuery({ ...ratesList(query), placeholderData: keepPreviousData });
  const facets: ServerFacet[] = [
    {
      id: 'kind',
      label: 'Kind',
      options: Object.entries(KINDS).map(([value, label]) => ({ value, label })),
      value: wanted ? [wanted] : [],
      onChange: (values) => setSearch({ kind: values[values.length - 1] }, true),
    },
  ];
  const all = () => everyRow((page) => fetchRates({ ...query, ...page }));
  const { rows, server } = useServerList<FxRate, Page<FxRate>>(list, { q, sort }, all, facets);
  const { mutate, error } = useMutation({
    mutationFn: (rate: FxRate) => voidRate(rate.id!),
    onSuccess: async (_, rate) => {
      notify('Taken back', `${rate.base}/${rate.quote} of ${formatDate(rate.starts_on)}`);
      await cache.invalidateQueries();
    },
  });
  const columns = useMemo(() => rateColumns(mayChange ? mutate : undefined), [mayChange, mutate]);
  return (
    <>
      <FormError error={error} />
      <Loaded query={list} what="the rates" size="l">
        {() => (
          <DataTable
            data={rows}
            columns={columns}
            label="Rates"
            fileName="fx-rates"
            rowId={(rate) => String(rate.id ?? `${rate.quote}-${rate.starts_on}`)}
            server={server}
            empty={
              wanted && !q ? (
                <EmptyBlock
                  title="No rates of this kind"
                  hint="Record one to use it instead of what is published."
                />
              ) : undefined
            }
          />
        )}
      </Loaded>
    </>
  );
}

function rateColumns(takeBack: ((rate: FxRate) => void) | undefined): Column<FxRate>[] {
  return [
    {
      id: 'starts_on',
      accessorKey: 'starts_on',
      size: 150,
      meta: { label: 'Day', sort: 'starts_on', narrow: 100 },
      cell: ({ row: { original: rate } }) => <span className="tnum">{days(rate)}</span>,
    },
    { id: 'base', accessorKey: 'base', size: 80, meta: { label: 'From', sort: 'base' } },
    { id: 'quote', accessorKey: 'quote', size: 80, meta: { label: 'To', sort: 'quote', narrow: 60 } },
    {
      id: 'rate',
      accessorKey: 'rate',
      size: 130,
      meta: { label: 'Rate', align: 'right', sort: false, narrow: 100 },
      cell: ({ row: { original: rate } }) => <span title={rate.rate}>{rateText(rate.rate)}</span>,
    },
    {
      id: 'kind',
      accessorFn: (rate) => KINDS[rate.kind],
      size: 120,
      meta: { label: 'Kind', sort: 'kind' },
    },
    {
      id: 'source',
      accessorFn: (rate) => (rate.source === 'ecb' ? 'European Central Bank' : (rate.source ?? '')),
      size: 200,
      meta: { label: 'Source', sort: false },
    },
    {
      id: 'actions',
      size: 120,
      meta: { label: 'Actions', csv: false, sort: false },
      cell: ({ row: { original: rate } }) =>
        takeBack &&
        rate.id !== null && (
          <ConfirmButton
            size="xs"
            effect="Conversions go back to the rate that was used before; what was reported stays known."
            onConfirm={() => takeBack(rate)}
          >
            Take back
          </ConfirmButton>
        ),
    },
  ];
}

function days({ kind, starts_on, ends_on }: FxRate): string {
  if (kind !== 'contractual') return formatDate(starts_on);
  return `${formatDate(starts_on)} – ${ends_on ? formatDate(ends_on) : 'open'}`;
}
