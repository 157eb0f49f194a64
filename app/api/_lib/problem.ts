import { STATUS_CODES } from 'node:http';
import { ZodError } from 'zod';
import type { Problem } from '@/lib/api/schemas';
import { asFieldlineError, type FieldlineError } from '@/lib/errors';
import { logFailure, logRefusal } from './log';

/** Headers that go with an error of some codes. */
export type ProblemExtras = { errors?: Problem['errors']; headers?: Record<string, string> };

/**
 * Anything thrown as `application/problem+json` (RFC 9457). `code` is one of docs/errors.md. What is refused goes to the
 * log in a line; what was not foreseen (INTERNAL) in full, and to the client without its text, which may hold anything.
 */
export function problemResponse(thrown: unknown, request: Request, extras: ProblemExtras = {}): Response {
  const error = asFieldlineError(thrown);
  const internal = error.code === 'INTERNAL';
  if (internal) logFailure(thrown, request);
  else if (error.httpStatus < 500) logRefusal(error.code, request);
  const problem: Problem = {
    type: `urn:fieldline:problem:${error.code.toLowerCase().replaceAll('_', '-')}`,
    title: STATUS_CODES[error.httpStatus] ?? 'Error',
    status: error.httpStatus,
    detail: internal ? 'The server failed at this; its log says how' : error.message,
    code: error.code,
    ...(error.remedy ? { remedy: error.remedy } : {}),
    instance: new URL(request.url).pathname,
    ...(extras.errors ? { errors: extras.errors } : {}),
  };
  return new Response(JSON.stringify(problem), {
    status: error.httpStatus,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(error.httpStatus === 503 ? { 'retry-after': '2' } : {}),
      ...rangeHeader(error),
      ...accessHeaders(error),
      ...extras.headers,
    },
  });
}

/** A 416 says how long the file is (RFC 9110, 15.5.17). */
function rangeHeader(error: FieldlineError): Record<string, string> {
  return error.code === 'RANGE_UNSATISFIABLE' ? { 'content-range': `bytes */${error.details.bytes}` } : {};
}

/** A 401 says how to sign in (RFC 6750, 3), a 429 when to come again. */
function accessHeaders({ code, details }: FieldlineError): Record<string, string> {
  if (code === 'RATE_LIMITED') return { 'retry-after': String(details.retryAfterSeconds ?? 1) };
  if (code !== 'UNAUTHENTICATED') return {};
  const wrong = details.credential === 'token' ? ', error="invalid_token"' : '';
  return { 'www-authenticate': `Bearer realm="fieldline"${wrong}` };
}

/** What is wrong with an input, field by field; null for other errors. */
export function fieldErrors(error: unknown): NonNullable<Problem['errors']> | null {
  if (!(error instanceof ZodError)) return null;
  return error.issues.map((issue) => ({ path: issue.path.map(String).join('.'), message: issue.message }));
}
