import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import { cursorPaging, PAGE_SIZE } from '@/api/lists';
import type { components } from '@/api/schema';
import { figuresKey } from '../queries';

type Schemas = components['schemas'];
export type FileCheck = Schemas['MetricImportCheck'];
export type FileLine = FileCheck['lines'][number];
export type FileFigure = FileCheck['figures'][number];
export type FileFinding = FileCheck['findings'][number];
export type BadCell = FileCheck['errors'][number];
export type FigureImport = Schemas['MetricImportOut'];
export type Remembered = Schemas['LabelOut'];
type MappedLabel = Pick<Remembered, 'label' | 'metric' | 'scale' | 'sign' | 'percent' | 'currency'> & {
  said_scale?: number | null;
};

/** What somebody said of a line; what is left out is proposed by the server. */
export interface ToldLine {
  line: string;
  /** Null leaves the line out. */
  metric: string | null;
  scale?: number;
  sign?: number;
  percent?: string;
  currency?: string;
}

/** How a file writes things, and what holds for figures that do not say it themselves. */
export interface ReadAs {
  date_format?: string | null;
  decimal?: string | null;
  thousands?: string | null;
  sheet?: string;
  period_kind?: string;
  scenario?: string;
  currency?: string;
}

/** A file as it is to be read. */
export interface FigureFile {
  file: File;
  told: Readonly<Record<string, ToldLine>>;
  readAs: ReadAs;
}

/** What is no longer so once a file is recorded or taken back. */
export const staleBy = (companyId: string) => [figuresKey(companyId), ['reporting'], ['alerts']];

const path = (companyId: string) => ({ company_id: Number(companyId) });

function form({ file, told, readAs }: FigureFile, more: Record<string, string> = {}): FormData {
  const body = new FormData();
  body.append('file', file);
  if (Object.keys(told).length > 0) body.append('mapping', JSON.stringify(Object.values(told)));
  if (Object.keys(readAs).length > 0) body.append('options', JSON.stringify(readAs));
  for (const [name, value] of Object.entries(more)) body.append(name, value);
  return body;
}

/** What would become of every cell; nothing is recorded. */
export async function checkFigures(companyId: string, sent: FigureFile): Promise<FileCheck> {
  const body = form(sent);
  const { data } = await http.POST('/api/v1/companies/{company_id}/metrics/imports/check', {
    params: { path: path(companyId) },
    body: body as never,
    bodySerializer: () => body,
  });
  return data as FileCheck;
}

/** Every bad cell as CSV, or the workbook with what is wrong as comments on its cells. */
export async function checkedFile(
  companyId: string,
  sent: FigureFile,
  download: 'errors' | 'workbook',
): Promise<Blob> {
  const body = form(sent, { download });
  const { data } = await http.POST('/api/v1/companies/{company_id}/metrics/imports/check', {
    params: { path: path(companyId) },
    body: body as never,
    bodySerializer: () => body,
    parseAs: 'blob',
  });
  return data as unknown as Blob;
}

export async function recordFigures(
  companyId: string,
  sent: FigureFile,
  again: boolean,
): Promise<FigureImport> {
  const body = form(sent, again ? { again: 'true' } : {});
  const { data } = await http.POST('/api/v1/companies/{company_id}/metrics/imports', {
    params: { path: path(companyId) },
    body: body as never,
    bodySerializer: () => body,
  });
  return data as FigureImport;
}

export const figureImports = (companyId: string) =>
  infiniteQueryOptions({
    queryKey: [...figuresKey(companyId), 'imports'],
    queryFn: async ({ pageParam }) => {
      const params = { path: path(companyId), query: { limit: PAGE_SIZE, cursor: pageParam } };
      return (await http.GET('/api/v1/companies/{company_id}/metrics/imports', { params })).data!;
    },
    ...cursorPaging,
  });

export const figureImport = (companyId: string, id: number) =>
  queryOptions({
    queryKey: [...figuresKey(companyId), 'imports', id],
    queryFn: async () => {
      const params = { path: { ...path(companyId), metric_import_id: id } };
      const { data } = await http.GET('/api/v1/companies/{company_id}/metrics/imports/{metric_import_id}', {
        params,
      });
      return data!;
    },
  });

export async function undoFigures(companyId: string, id: number, reason: string): Promise<void> {
  const params = { path: { ...path(companyId), metric_import_id: id } };
  await http.POST('/api/v1/companies/{company_id}/metrics/imports/{metric_import_id}/undo', {
    params,
    body: { reason },
  });
}

export const rememberedLabels = (companyId: string) =>
  queryOptions({
    queryKey: [...figuresKey(companyId), 'labels'],
    queryFn: async () => {
      const params = { path: path(companyId) };
      return (await http.GET('/api/v1/companies/{company_id}/metrics/mapping', { params })).data!.lines;
    },
  });

/** What is to be remembered from now on: what is not among it is forgotten. */
export async function keepLabels(companyId: string, kept: MappedLabel[]): Promise<void> {
  const lines = kept.map(({ label, metric, scale, said_scale, sign, percent, currency }) => ({
    label,
    metric,
    scale: scale as 1,
    ...(said_scale ? { said_scale: said_scale as 1 } : {}),
    sign: sign as 1,
    percent,
    currency,
  }));
  const params = { path: path(companyId) };
  await http.PUT('/api/v1/companies/{company_id}/metrics/mapping', { params, body: { lines } });
}

/** Where the workbook to be filled is made. */
export function templateHref(companyId: string, asked: Record<string, string>): string {
  return `/api/v1/companies/${companyId}/metrics/template?${new URLSearchParams(asked)}`;
}
