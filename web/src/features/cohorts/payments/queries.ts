import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import { jobEnds, type Progress } from '@/api/jobs';
import { cursorPaging, everyRow, PAGE_SIZE } from '@/api/lists';
import type { Payment, RecordedPayment, UploadCheck } from '@/api/types';
import type { WrittenStyle } from '@/ui';
import { cohortKey } from '../queries';

const path = (companyId: string) => ({ company_id: Number(companyId) });

/** A file as it is to be read: field → column, and how it writes dates and numbers. */
export interface PaymentFile {
  file: File;
  mapping: Record<string, string>;
  style: WrittenStyle;
}

function form({ file, mapping, style }: PaymentFile): FormData {
  const body = new FormData();
  body.append('file', file);
  if (Object.keys(mapping).length > 0) body.append('mapping', JSON.stringify(mapping));
  if (Object.keys(style).length > 0) body.append('options', JSON.stringify(style));
  return body;
}

/** What would become of every row; nothing is recorded. */
export async function checkPayments(companyId: string, sent: PaymentFile): Promise<UploadCheck> {
  const body = form(sent);
  const { data } = await http.POST('/api/v1/companies/{company_id}/payments/upload/check', {
    params: { path: path(companyId) },
    body: body as never,
    bodySerializer: () => body,
  });
  return data as UploadCheck;
}

/** Every bad cell of a file, as CSV text. */
export async function badCells(companyId: string, sent: PaymentFile): Promise<string> {
  const body = form(sent);
  body.append('download', 'true');
  const { data } = await http.POST('/api/v1/companies/{company_id}/payments/upload/check', {
    params: { path: path(companyId) },
    body: body as never,
    bodySerializer: () => body,
    parseAs: 'text',
  });
  return data as unknown as string;
}

/** Record a file. A large one is recorded by a job, which is waited for. */
export async function recordPayments(
  companyId: string,
  sent: PaymentFile,
  onProgress: (progress: Progress) => void,
) {
  const body = form(sent);
  const { data } = await http.POST('/api/v1/companies/{company_id}/payments/upload', {
    params: { path: path(companyId) },
    body: body as never,
    bodySerializer: () => body,
  });
  if (!data || !('job_id' in data)) return data!;
  const job = await jobEnds(data.job_id, 'The upload was stopped.', onProgress);
  const params = { path: { ...path(companyId), upload_id: Number(job.result['upload_id']) } };
  return (await http.GET('/api/v1/companies/{company_id}/payment-uploads/{upload_id}', { params })).data!;
}

export const uploadsList = (companyId: string) =>
  infiniteQueryOptions({
    queryKey: [...cohortKey(companyId), 'uploads'],
    queryFn: async ({ pageParam }) => {
      const params = { path: path(companyId), query: { limit: PAGE_SIZE, cursor: pageParam } };
      return (await http.GET('/api/v1/companies/{company_id}/payment-uploads', { params })).data!;
    },
    ...cursorPaging,
  });

export const uploadQuery = (companyId: string, id: number) =>
  queryOptions({
    queryKey: [...cohortKey(companyId), 'uploads', id],
    queryFn: async () => {
      const params = { path: { ...path(companyId), upload_id: id } };
      return (await http.GET('/api/v1/companies/{company_id}/payment-uploads/{upload_id}', { params })).data!;
    },
  });

export async function undoUpload(companyId: string, id: number, reason: string): Promise<void> {
  const params = { path: { ...path(companyId), upload_id: id } };
  const body = { reason };
  await http.POST('/api/v1/companies/{company_id}/payment-uploads/{upload_id}/undo', { params, body });
}

/** Which payments are listed, and in which order. */
export interface PaymentsAsked {
  customer_id?: string;
  cohort_month?: string;
  since?: string;
  until?: string;
  sort?: string;
}

async function page(companyId: string, query: PaymentsAsked & { cursor?: string; limit: number }) {
  const params = { path: path(companyId), query };
  return (await http.GET('/api/v1/companies/{company_id}/payments', { params })).data!;
}

export const recordedPayments = (companyId: string, asked: PaymentsAsked) =>
  infiniteQueryOptions({
    queryKey: [...cohortKey(companyId), 'recorded', asked],
    queryFn: ({ pageParam }) => page(companyId, { ...asked, cursor: pageParam, limit: PAGE_SIZE }),
    ...cursorPaging,
  });

export const everyPayment = (companyId: string, asked: PaymentsAsked): Promise<Payment[]> =>
  everyRow((query) => page(companyId, { ...asked, ...query }));

const SCREENFUL = 20;

/** The customers whose id contains a text, as options. */
export const customersBy = (companyId: string) => async (text: string) => {
  const query = { q: text.trim() || undefined, limit: SCREENFUL };
  const params = { path: path(companyId), query };
  const { data } = await http.GET('/api/v1/companies/{company_id}/customers', { params });
  return data!.items.map(({ customer_id: id }) => ({ value: id, label: id }));
};

export const paymentQuery = (companyId: string, id: number) =>
  queryOptions({
    queryKey: [...cohortKey(companyId), 'recorded', id],
    queryFn: async () => {
      const params = { path: { ...path(companyId), payment_id: id } };
      return (await http.GET('/api/v1/companies/{company_id}/payments/{payment_id}', { params })).data!;
    },
  });

/** Corrects a payment from the version that was seen. */
export async function correctPayment(
  companyId: string,
  seen: RecordedPayment,
  body: Pick<RecordedPayment, 'customer_id' | 'payment_date' | 'amount'>,
): Promise<void> {
  const params = {
    path: { ...path(companyId), payment_id: seen.id },
    header: { 'if-match': `"${seen.version}"` },
  };
  await http.PUT('/api/v1/companies/{company_id}/payments/{payment_id}', { params, body });
}

export async function voidPayment(companyId: string, id: number, reason: string): Promise<void> {
  const params = { path: { ...path(companyId), payment_id: id } };
  await http.POST('/api/v1/companies/{company_id}/payments/{payment_id}/void', { params, body: { reason } });
}
