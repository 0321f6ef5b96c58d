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
