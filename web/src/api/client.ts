import createFetchClient, { type Middleware } from 'openapi-fetch';
import type { components, paths } from './schema';
import { VIEW_AS, viewedAs } from './view-as';

/** One failing field of a problem: where it is in the body, and what is wrong with it. */
export interface FieldProblem {
  path: string;
  message: string;
}

interface Problem {
  title?: string;
  detail?: string;
  code?: string;
  /** `urn:request:` and the request's id. */
  instance?: string | null;
  /** The way out. */
  mend?: string | null;
  errors?: FieldProblem[];
}

/** An answer of the API that is not a success: an RFC 9457 problem, or nothing readable at all. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string | null;
  readonly requestId: string | null;
  readonly fields: FieldProblem[];

  constructor(status: number, problem: Problem | null) {
    super(sentence(problem) ?? fallback(status));
    this.name = 'ApiError';
    this.status = status;
    this.code = problem?.code ?? null;
    this.requestId = problem?.instance?.replace(/^urn:request:/, '') ?? null;
    this.fields = problem?.errors ?? [];
  }
}

type Approval = components['schemas']['ApprovalOut'];

/** The change was fine, and nothing is recorded yet: it waits for a second person, as this request. */
export class AwaitsApproval extends Error {
  readonly request: Approval;

  constructor(request: Approval) {
    super('This waits for a second person to approve it. Nothing is recorded yet.');
    this.name = 'AwaitsApproval';
    this.request = request;
  }
}

function sentence(problem: Problem | null): string | null {
  const text = [problem?.detail ?? problem?.title, problem?.mend].filter(Boolean).join(' ');
  return text || null;
}

function fallback(status: number): string {
  if (status === 401) return 'Sign in to go on.';
  if (status === 403) return 'You do not have access to this.';
  if (status === 404) return 'It may have been moved or deleted.';
  if (status >= 500) return 'The server could not answer. Your data is safe.';
  return `The server answered with ${status}.`;
}

let onSignedOut: () => void = () => undefined;

/** The router says here what to do when the session has ended. */
export function whenSignedOut(handler: () => void): void {
  onSignedOut = handler;
}

const SAFE = ['GET', 'HEAD', 'OPTIONS'];

/** Reads go out as whoever is looked as; nothing is changed as somebody else. Signing out is always one's own. */
const viewing: Middleware = {
  onRequest({ request, schemaPath }) {
    const seen = viewedAs();
    if (seen === null || schemaPath.includes('/auth/sign-')) return undefined;
    if (!SAFE.includes(request.method)) {
      const detail = 'Nothing can be changed while you look as somebody else.';
      throw new ApiError(403, { detail, mend: 'Stop viewing first.', code: 'viewing_as' });
    }
    request.headers.set(VIEW_AS, seen);
    return request;
  },
};

const raise: Middleware = {
  async onResponse({ response, schemaPath }) {
    if (response.status === 202) await refuseWaiting(response);
    if (response.ok) return undefined;
    const problem = (await response.json().catch(() => null)) as Problem | null;
    if (response.status === 401 && !schemaPath.includes('/auth/')) onSignedOut();
    throw new ApiError(response.status, problem);
  },
};

/** Nobody may take what waits for what was done: not a page that says "Recorded", nor one that reads the new row. */
async function refuseWaiting(response: Response): Promise<void> {
  const body = (await response.clone().json()) as object;
  if ('maker' in body && 'operation' in body) throw new AwaitsApproval(body as Approval);
}

/** A name for one thing the user wants done: sent again with the same name, it is done once. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const name: Middleware = {
  onRequest({ request, schemaPath }) {
    const named = SAFE.includes(request.method) || schemaPath.includes('/auth/');
    if (!named && !request.headers.has('Idempotency-Key')) request.headers.set('Idempotency-Key', newKey());
    return request;
  },
};

/** Path → the version of the row that was last read there. */
const versions = new Map<string, string>();

/** A change of a row names the version it was made from: the one its page sent, or the one last read. */
const version: Middleware = {
  onRequest({ request }) {
    if (request.method === 'PUT' && !request.headers.has('If-Match'))
      request.headers.set('If-Match', versions.get(new URL(request.url).pathname) ?? '*');
    return request;
  },
  onResponse({ request, response }) {
    const tag = response.headers.get('ETag');
    if (tag && request.method !== 'POST') versions.set(new URL(request.url).pathname, tag);
    return undefined;
  },
};

/** Sends a named change once more when the network broke before the answer came; the server does it once. */
async function sendAgain(request: Request): Promise<Response> {
  if (!request.headers.has('Idempotency-Key')) return globalThis.fetch(request);
  const again = request.clone();
  return globalThis.fetch(request).catch((error: unknown) => {
    if (request.signal.aborted) throw error;
    return globalThis.fetch(again);
  });
}

export function makeClient(fetch: (input: Request) => Promise<Response> = sendAgain) {
  const client = createFetchClient<paths, 'application/json'>({
    baseUrl: '/',
    credentials: 'same-origin',
    fetch,
  });
  client.use(viewing, name, version, raise);
  return client;
}

export const http = makeClient();
