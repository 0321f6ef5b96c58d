import { expect, it, vi } from 'vitest';
import { ApiError, makeClient, whenSignedOut } from './client';

function answering(status: number, body: unknown) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return makeClient(async () => new Response(text, { status }));
}

async function failure(status: number, body: unknown): Promise<ApiError> {
  const error: unknown = await answering(status, body)
    .GET('/api/v1/funds', { baseUrl: 'http://localhost' })
    .catch((raised: unknown) => raised);
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}

it('reads a problem: its sentence, way out, code, request and fields', async () => {
  const error = await failure(422, {
    title: 'Invalid',
    detail: 'JPY has no decimals.',
    mend: 'Give a whole amount.',
    code: 'invalid',
    instance: 'urn:request:5f0c',
    errors: [{ path: 'amount', message: 'JPY has no decimals.', code: 'invalid' }],
  });
  expect(error.message).toBe('JPY has no decimals. Give a whole amount.');
  expect([error.status, error.code, error.requestId]).toEqual([422, 'invalid', '5f0c']);
  expect(error.fields.map((field) => field.path)).toEqual(['amount']);
});

it('says something useful when the answer cannot be read', async () => {
  expect((await failure(502, '<html>')).message).toBe('The server could not answer. Your data is safe.');
});

it('asks to sign in when the session has ended', async () => {
  const signedOut = vi.fn();
  whenSignedOut(signedOut);
  await failure(401, {});
  expect(signedOut).toHaveBeenCalledOnce();
});

it('gives the data of a success', async () => {
  const { data } = await answering(200, { items: [] }).GET('/api/v1/funds', { baseUrl: 'http://localhost' });
  expect(data).toEqual({ items: [] });
});

it('names each change once, and no question', async () => {
  const keys: (string | null)[] = [];
  const client = makeClient(async (request) => {
    keys.push(request.headers.get('Idempotency-Key'));
    return new Response('{}', { status: 201 });
  });
  const body = { name: 'North', currency: 'USD' } as never;
  await client.POST('/api/v1/funds', { baseUrl: 'http://localhost', body });
  await client.POST('/api/v1/funds', { baseUrl: 'http://localhost', body });
  await client.GET('/api/v1/funds', { baseUrl: 'http://localhost' });
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(keys[1]).not.toBe(keys[0]);
  expect(keys[2]).toBeNull();
});

it('sends a change again under its name when the network breaks', async () => {
  const sent: (string | null)[] = [];
  const network = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input) => {
    sent.push((input as Request).headers.get('Idempotency-Key'));
    if (sent.length === 1) throw new TypeError('network');
    return new Response('{}', { status: 201 });
  });
  const body = { name: 'North', currency: 'USD' } as never;
  await makeClient().POST('/api/v1/funds', { baseUrl: 'http://localhost', body });
  expect(sent).toHaveLength(2);
  expect(sent[1]).toBe(sent[0]);
  network.mockRestore();
});

it('names the version a change was made from: the one that was read', async () => {
  const sent: (string | null)[] = [];
  const client = makeClient(async (request) => {
    sent.push(request.headers.get('If-Match'));
    return new Response('{}', { headers: { ETag: '"3"' } });
  });
  const options = { baseUrl: 'http://localhost', params: { path: { fund_id: '7' } } } as never;
  const body = { name: 'North', currency: 'USD' };
  await client.PUT('/api/v1/funds/{fund_id}', { ...(options as object), body } as never);
  await client.GET('/api/v1/funds/{fund_id}', options);
  await client.PUT('/api/v1/funds/{fund_id}', { ...(options as object), body } as never);
  expect(sent).toEqual(['*', null, '"3"']);
});
