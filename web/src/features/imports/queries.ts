import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Client } from 'openapi-fetch';
import { http as typed } from '@/api/client';
import { cursorPaging, PAGE_SIZE } from '@/api/lists';
import type { Page } from '@/api/types';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
const http = typed as unknown as Client<any>;

export type ImportKind = 'flows' | 'ledger' | 'summary';

/** A field an importer knows, and whether a file must have it. */
export interface ImportField {
  name: string;
  label: string;
  required: boolean;
}

export interface ImportBatch {
  id: number;
  kind: ImportKind;
  filename: string;
  status: 'uploaded' | 'committed' | 'undone' | 'discarded';
  row_count: number;
  /** The file's own column headings. */
  columns: string[];
  fields: ImportField[];
  /** Field to column. */
  mapping: Record<string, string>;
  /** The batch that brought in the same file before. */
  same_as: number | null;
  receipt: Record<string, number | string>;
  created_at: string;
  committed_at: string | null;
  undone_at: string | null;
}

export interface RowError {
  row: number;
  column: string | null;
  value: string | null;
  reason: string;
}

export interface PreviewRow {
  row: number;
  state: 'new' | 'duplicate' | 'error';
  values: Record<string, string | null>;
}

export interface Preview extends Page<PreviewRow> {
  counts: { new: number; duplicate: number; error: number };
  errors: RowError[];
}

const path = (id: string | number) => ({ path: { import_id: Number(id) } });

export const importsQuery = infiniteQueryOptions({
  queryKey: ['imports'],
  queryFn: async ({ pageParam }) => {
    const query = { limit: PAGE_SIZE, cursor: pageParam, sort: '-created_at' };
    return (await http.GET('/api/v1/imports', { params: { query } })).data as Page<ImportBatch>;
  },
  ...cursorPaging,
});

export const importQuery = (id: string) =>
  queryOptions({
    queryKey: ['imports', id],
    queryFn: async () =>
      (await http.GET('/api/v1/imports/{import_id}', { params: path(id) })).data as ImportBatch,
  });

export const previewQuery = (id: string) =>
  queryOptions({
    queryKey: ['imports', id, 'preview'],
    queryFn: async () => {
      const params = { ...path(id), query: { limit: 200 } };
      return (await http.GET('/api/v1/imports/{import_id}/preview', { params })).data as Preview;
    },
    staleTime: 0,
  });

export async function uploadFile({ file, kind }: { file: File; kind: ImportKind }): Promise<ImportBatch> {
  const body = new FormData();
  body.append('kind', kind);
  body.append('file', file);
  const { data } = await http.POST('/api/v1/imports', { body, bodySerializer: () => body });
  return data as ImportBatch;
}

export async function setMapping(id: string, mapping: Record<string, string>): Promise<void> {
  await http.PUT('/api/v1/imports/{import_id}/mapping', { params: path(id), body: { mapping } });
}

export async function commitImport(id: string): Promise<void> {
  await http.POST('/api/v1/imports/{import_id}/commit', { params: path(id) });
}

export async function undoImport(id: string): Promise<void> {
  await http.POST('/api/v1/imports/{import_id}/undo', { params: path(id) });
}
