import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { http } from '@/api/client';
import { uploadWithProgress } from '@/api/upload';
import { cursorPaging, PAGE_SIZE } from '@/api/lists';
import type { components } from '@/api/schema';

type Schemas = components['schemas'];
export type Form = Schemas['FormOut'];
export type FormField = Schemas['FormField'];
export type Receipt = Schemas['ReceiptOut'];
export type DraftValue = Schemas['DraftValue'];
export type FormBody = Schemas['FormIn'];
export type SentValue = Schemas['SubmittedValueOut'];
export type Matrix = Schemas['MatrixOut'];
export type Cell = Schemas['MatrixCell'];
export type DataRequest = Schemas['RequestDetailOut'];
export type Template = Schemas['TemplateOut'];
export type TemplateBody = Schemas['TemplateIn'];
export type Recipient = Schemas['RecipientOut'];
export type Definition = Schemas['DefinitionOut'];
export type Asked = Schemas['AskedOut'];

/** The form behind a link. Only its own page asks for it again: what somebody types must not be replaced under them. */
export const formQuery = (token: string) =>
  queryOptions({
    queryKey: ['form', token],
    queryFn: async () => (await http.POST('/api/v1/forms/open', { body: { token } })).data!,
    retry: false,
    staleTime: Infinity,
  });

export const saveDraft = async (body: FormBody) => (await http.POST('/api/v1/forms/draft', { body })).data!;

export type Attached = Form['attachments'][number];

/** Keeps a file beside the form; says how much of it has gone. The answer is all that is attached. */
export async function attachFile(
  token: string,
  file: File,
  onProgress: (share: number) => void,
): Promise<Attached[]> {
  const body = new FormData();
  body.append('token', token);
  body.append('file', file);
  const path = '/api/v1/forms/attachments';
  return (await uploadWithProgress<Schemas['AttachmentsOut']>(path, body, onProgress)).attachments;
}

export const removeFile = async (token: string, attachment_id: number): Promise<Attached[]> =>
  (await http.POST('/api/v1/forms/attachments/remove', { body: { token, attachment_id } })).data!.attachments;

export const fileHref = (id: number): string => `/api/v1/request-attachments/${id}`;

/** Erases a file that was sent; what it was stays, with the reason. */
export async function removeSentFile(attachment_id: number, reason: string): Promise<void> {
  await http.POST('/api/v1/request-attachments/{attachment_id}/remove', {
    params: { path: { attachment_id } },
    body: { reason },
  });
}

export const submitForm = async (body: FormBody) => (await http.POST('/api/v1/forms/submit', { body })).data!;

export const inboxList = (query: { state?: SentValue['state']; company_id?: number }) =>
  infiniteQueryOptions({
    queryKey: ['requests', 'inbox', query],
    queryFn: async ({ pageParam }) => {
      const params = { query: { ...query, sort: 'id', limit: PAGE_SIZE, cursor: pageParam } };
      return (await http.GET('/api/v1/submitted-values', { params })).data!;
    },
    ...cursorPaging,
    staleTime: 0,
  });

/** Where the server writes a list as a file: all of its rows. */
function csvHref(path: string, query: Record<string, string | number | undefined>): string {
  const given = Object.entries({ ...query, format: 'csv' }).filter(([, value]) => value !== undefined);
  return `/api/v1/${path}?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}

export const inboxHref = (query: { state?: SentValue['state']; company_id?: number }): string =>
  csvHref('submitted-values', query);

export const matrixHref = (template_id?: number): string => csvHref('data-requests/matrix', { template_id });

const about = (submitted_value_id: number) => ({ params: { path: { submitted_value_id } } });

/** Agrees to a figure, or to it as another one. */
export async function approve(id: number, value?: string): Promise<void> {
  await http.POST('/api/v1/submitted-values/{submitted_value_id}/approve', { ...about(id), body: { value } });
}

export async function reject(id: number, reason: string): Promise<void> {
  await http.POST('/api/v1/submitted-values/{submitted_value_id}/reject', { ...about(id), body: { reason } });
}

export async function remark(id: number, comment: string): Promise<void> {
  await http.POST('/api/v1/submitted-values/{submitted_value_id}/comment', {
    ...about(id),
    body: { comment },
  });
}

export const matrixQuery = (template_id?: number) =>
  queryOptions({
    queryKey: ['requests', 'matrix', template_id],
    queryFn: async () =>
      (await http.GET('/api/v1/data-requests/matrix', { params: { query: { template_id } } })).data!,
    staleTime: 0,
  });

export const requestQuery = (data_request_id: number) =>
  queryOptions({
    queryKey: ['requests', 'one', data_request_id],
    queryFn: async () =>
      (await http.GET('/api/v1/data-requests/{data_request_id}', { params: { path: { data_request_id } } }))
        .data!,
    staleTime: 0,
  });

export async function remind(data_request_id: number): Promise<void> {
  await http.POST('/api/v1/data-requests/{data_request_id}/remind', {
    params: { path: { data_request_id } },
  });
}

export async function cancel(data_request_id: number): Promise<void> {
  await http.POST('/api/v1/data-requests/{data_request_id}/cancel', {
    params: { path: { data_request_id } },
  });
}

export async function makeLink(data_request_id: number): Promise<string> {
  const params = { path: { data_request_id } };
  return (await http.POST('/api/v1/data-requests/{data_request_id}/links', { params })).data!.link;
}

export const templatesQuery = queryOptions({
  queryKey: ['requests', 'templates'],
  queryFn: async () =>
    (await http.GET('/api/v1/request-templates', { params: { query: { limit: 1000 } } })).data!.items,
});

export async function saveTemplate(known: Template | null, body: TemplateBody): Promise<void> {
  if (known === null) await http.POST('/api/v1/request-templates', { body });
  else
    await http.PUT('/api/v1/request-templates/{template_id}', {
      params: { path: { template_id: known.id }, header: { 'if-match': `"${known.version}"` } },
      body,
    });
}

export async function archiveTemplate(template_id: number): Promise<void> {
  await http.DELETE('/api/v1/request-templates/{template_id}', { params: { path: { template_id } } });
}

/** Asks these companies for a period, or all of the template where none is named. */
export async function ask(template_id: number, period: string, company_ids: number[]): Promise<Asked> {
  return (await http.POST('/api/v1/data-requests', { body: { template_id, period, company_ids } })).data!;
}

export const recipientsQuery = (company_id: number) =>
  queryOptions({
    queryKey: ['requests', 'recipients', company_id],
    queryFn: async () =>
      (await http.GET('/api/v1/companies/{company_id}/recipients', { params: { path: { company_id } } }))
        .data!,
    staleTime: 0,
  });

export async function saveRecipients(company_id: number, emails: string[]): Promise<void> {
  await http.PUT('/api/v1/companies/{company_id}/recipients', {
    params: { path: { company_id } },
    body: { recipients: emails.map((email) => ({ email })) },
  });
}

/** The metrics that companies report: what is computed from them is not asked for. */
export const reportedQuery = queryOptions({
  queryKey: ['metrics', 'definitions'],
  queryFn: async () => (await http.GET('/api/v1/metrics/definitions')).data!.items,
  staleTime: 5 * 60_000,
});
