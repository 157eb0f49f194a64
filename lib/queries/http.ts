/** The one way from the pages to the web API. */
import type { Problem } from '@/lib/api/schemas';
import { CSRF_HEADER } from '@/lib/domain/access';
import { ERROR_CODES, type ErrorCode, FieldlineError } from '@/lib/errors';

/** The page's own server answers from memory and local disk; longer than this, it hangs. */
const REQUEST_TIMEOUT_MS = 20_000;

export interface ApiRequest {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  body?: unknown;
  signal?: AbortSignal;
}

let whenSignedOut: () => void = () => undefined;

/** What a page does once its session is over; the pages for strangers do nothing. */
export function onSignedOut(act: () => void): void {
  whenSignedOut = act;
}

/**
 * Calls the web API and returns its JSON (undefined where the answer has no body).
 * Fails with the code of the problem document; UNAVAILABLE when the server does not answer, TIMEOUT when it hangs.
 */
export async function callApi<T>(path: string, { method = 'GET', body, signal }: ApiRequest = {}): Promise<T> {
  const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      headers: {
        ...(body === undefined ? { accept: 'application/json' } : { 'content-type': 'application/json' }),
        ...(method === 'GET' ? {} : { [CSRF_HEADER]: '1' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (cause) {
    if (signal?.aborted) throw new FieldlineError('ABORTED', 'The call was given up', { cause });
    if (timeout.aborted)
      throw new FieldlineError('TIMEOUT', 'This page’s server does not answer in time', {
        cause,
        remedy: 'It is tried again; if it lasts, look at the server’s log',
      });
    throw new FieldlineError('UNAVAILABLE', 'This page’s server can not be reached', {
      cause,
      remedy: 'Check that Fieldline is running',
    });
  }
  if (!response.ok) {
    const problem = await problemOf(response);
    if (problem.code === 'UNAUTHENTICATED') whenSignedOut();
    throw problem;
  }
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

const knownCode = (code: string | undefined): ErrorCode =>
  code !== undefined && Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'INTERNAL';

async function problemOf(response: Response): Promise<FieldlineError> {
  const problem: Partial<Problem> = await response.json().catch(() => ({}));
  const fields = problem.errors?.map((error) => `${error.path}: ${error.message}`).join('; ');
  return new FieldlineError(
    knownCode(problem.code ?? (response.status === 404 ? 'NOT_FOUND' : undefined)),
    [problem.detail ?? problem.title ?? `The server answered ${response.status}`, fields].filter(Boolean).join(' – '),
    { remedy: problem.remedy, details: { status: response.status } },
  );
}
