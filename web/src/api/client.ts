import createFetchClient, { type Middleware } from 'openapi-fetch';
import type { paths } from './schema';

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

const raise: Middleware = {
  async onResponse({ response, schemaPath }) {
    if (response.ok) return undefined;
    const problem = (await response.json().catch(() => null)) as Problem | null;
    if (response.status === 401 && !schemaPath.includes('/auth/')) onSignedOut();
    throw new ApiError(response.status, problem);
  },
};

export function makeClient(fetch?: (input: Request) => Promise<Response>) {
  const client = createFetchClient<paths>({ baseUrl: '/', credentials: 'same-origin', fetch });
  client.use(raise);
  return client;
}

export const http = makeClient();
