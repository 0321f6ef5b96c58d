import { keepPreviousData, useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useMay } from '@/api/abilities';
import { everyRow } from '@/api/lists';
import type { Job, Page } from '@/api/types';
import { formatInstant, humanise } from '@/lib/format';
import {
  Button,
  type Column,
  DataTable,
  EmptyBlock,
  FormError,
  Loaded,
  PageHead,
  Progress,
  type ServerFacet,
  StatusPill,
  type Tone,
  useServerList,
  useSetSearch,
} from '@/ui';
import { cancelJob, fetchJobs, isOpen, jobsList, retryJob } from './queries';

const TONES: Partial<Record<Job['state'], Tone>> = { failed: 'neg', running: 'info', cancelled: 'neutral' };
const STATES: Job['state'][] = ['waiting', 'queued', 'running', 'done', 'failed', 'cancelled'];

/** What runs behind the pages: how far it is, what failed, and another try. */
export default function JobsPage() {
  const { q, sort, state } = useSearch({ from: '/frame/jobs' });
  const setSearch = useSetSearch();
  const cache = useQueryClient();
  const mayChange = useMay('job.change');
  const wanted = STATES.find((name) => name === state);
  const query = { q, sort, state: wanted };
  const list = useInfiniteQuery({ ...jobsList(query), placeholderData: keepPreviousData });
  const facets: ServerFacet[] = [
    {
      id: 'state',
      label: 'State',
      options: STATES.map((value) => ({ value, label: humanise(value) })),
      value: wanted ? [wanted] : [],
      onChange: (values) => setSearch({ state: values[values.length - 1] }, true),
    },
  ];
  const all = () => everyRow((page) => fetchJobs({ ...query, ...page }));
  const { rows, server } = useServerList<Job, Page<Job>>(list, { q, sort }, all, facets);
  const again = { onSuccess: () => cache.invalidateQueries({ queryKey: ['jobs'] }) };
  const retry = useMutation({ mutationFn: retryJob, ...again });
  const cancel = useMutation({ mutationFn: cancelJob, ...again });
  const columns = useMemo(
    () => jobColumns(mayChange ? { retry: retry.mutate, cancel: cancel.mutate } : undefined),
    [mayChange, retry.mutate, cancel.mutate],
  );
  return (
    <>
      <PageHead title="Jobs" sub="What runs behind the pages: imports, mail and upkeep" />
      <FormError error={retry.error ?? cancel.error} />
      <Loaded query={list} what="the jobs" size="l">
        {() => (
          <DataTable
            data={rows}
            columns={columns}
            label="Jobs"
            fileName="jobs"
            rowId={(job) => String(job.id)}
            server={server}
            empty={
              !q && !wanted ? (
                <EmptyBlock title="No jobs yet" hint="Work that takes longer than a page shows here." />
              ) : undefined
            }
          />
        )}
      </Loaded>
    </>
  );
}

interface Doing {
  retry: (id: number) => void;
  cancel: (id: number) => void;
}

function jobColumns(doing: Doing | undefined): Column<Job>[] {
  return [
    { id: 'title', accessorKey: 'title', size: 260, meta: { label: 'Job', narrow: 140, sort: false } },
    {
      id: 'state',
      accessorFn: (job) => humanise(job.state),
      size: 120,
      meta: { label: 'State', narrow: 90, sort: 'state' },
      cell: ({ row: { original: job } }) => {
        const tone = TONES[job.state];
        const text = humanise(job.state);
        return tone ? <StatusPill tone={tone}>{text}</StatusPill> : text;
      },
    },
    {
      id: 'progress',
      accessorFn: (job) => job.error ?? job.progress?.note ?? '',
      size: 300,
      meta: { label: 'Progress', sort: false },
      cell: ({ row: { original: job } }) => <How job={job} />,
    },
    {
      id: 'created_at',
      accessorKey: 'created_at',
      size: 170,
      meta: { label: 'Asked for', sort: 'created_at' },
      cell: ({ row: { original: job } }) => <span className="tnum">{formatInstant(job.created_at)}</span>,
    },
    {
      id: 'ended_at',
      accessorKey: 'ended_at',
      size: 170,
      meta: { label: 'Ended', sort: false },
      cell: ({ row: { original: job } }) => <span className="tnum">{formatInstant(job.ended_at)}</span>,
    },
    ...(doing
      ? [
          {
            id: 'actions',
            size: 110,
            meta: { label: 'Actions', csv: false as const, sort: false as const, narrow: 90 },
            cell: ({ row: { original: job } }: { row: { original: Job } }) => <Act job={job} {...doing} />,
          },
        ]
      : []),
  ];
}

/** How far a job is, or why it was given up. */
function How({ job }: { job: Job }) {
  if (job.error) return <span title={job.error}>{job.error}</span>;
  if (job.state !== 'running' || !job.progress) return job.progress?.note ?? '';
  const { done, total, note } = job.progress;
  if (total <= 0) return note;
  return <Progress value={(done / total) * 100} size="lg" aria-label={`${note}: ${done} of ${total}`} />;
}

function Act({ job, retry, cancel }: Doing & { job: Job }) {
  if (job.state === 'failed')
    return (
      <Button size="xs" variant="default" onClick={() => retry(job.id)}>
        Try again
      </Button>
    );
  if (isOpen(job) && !job.cancel_asked_at)
    return (
      <Button size="xs" variant="default" onClick={() => cancel(job.id)}>
        Cancel
      </Button>
    );
  return null;
}
