import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import { jobEnds } from '@/api/jobs';
import { cursorPaging, PAGE_SIZE } from '@/api/lists';
import type { ImportKind, ImportOptions } from '@/api/types';

const PREVIEWED = 200;

const params = (id: string | number) => ({ path: { import_id: Number(id) } });

export const importsQuery = infiniteQueryOptions({
  queryKey: ['imports'],
  queryFn: async ({ pageParam }) => {
    const query = { limit: PAGE_SIZE, cursor: pageParam };
    return (await http.GET('/api/v1/imports', { params: { query } })).data!;
  },
  ...cursorPaging,
});

export const importQuery = (id: string) =>
  queryOptions({
    queryKey: ['imports', id],
    queryFn: async () => (await http.GET('/api/v1/imports/{import_id}', { params: params(id) })).data!,
  });

export const previewQuery = (id: string) =>
  queryOptions({
    queryKey: ['imports', id, 'preview'],
    queryFn: async () => {
      const asked = { ...params(id), query: { limit: PREVIEWED } };
      return (await http.GET('/api/v1/imports/{import_id}/preview', { params: asked })).data!;
    },
    staleTime: 0,
  });

interface Upload {
  file: File;
  kind: ImportKind;
  /** Take a file whose bytes were imported before. */
  again: boolean;
}

export async function uploadFile({ file, kind, again }: Upload) {
  const form = new FormData();
  form.append('kind', kind);
  form.append('file', file);
  if (again) form.append('again', 'true');
  // The description knows a file as text; the form carries its bytes.
  const body = form as never;
  return (await http.POST('/api/v1/imports', { body, bodySerializer: () => form })).data!;
}

export async function setMapping(id: number, mapping: Record<string, string>, options: ImportOptions) {
  const body = { mapping, options };
  await http.PUT('/api/v1/imports/{import_id}/mapping', { params: params(id), body });
}

/** Record a file. A large one is recorded by a job, which is waited for. */
export async function commitImport(id: number): Promise<void> {
  const { data } = await http.POST('/api/v1/imports/{import_id}/commit', { params: params(id) });
  if (data?.status === 'uploaded' && data.job_id !== null)
    await jobEnds(data.job_id, 'The import was stopped.');
}

export async function undoImport(id: number): Promise<void> {
  await http.POST('/api/v1/imports/{import_id}/undo', { params: params(id) });
}

export async function discardImport(id: number): Promise<void> {
  await http.DELETE('/api/v1/imports/{import_id}', { params: params(id) });
}

/** Where every bad cell of a file can be fetched from. */
export const errorsHref = (id: number): string => `/api/v1/imports/${id}/errors.csv`;
