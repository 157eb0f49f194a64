import { ZodError, type ZodType } from 'zod';
import {
  type AnswerOf,
  type BodyOf,
  type HttpMethod,
  OPERATIONS,
  type Operation,
  type OperationId,
  type ParamsOf,
  type QueryOf,
} from '@/lib/api/operations';
import type { AccessNeed } from '@/lib/domain/access';
import { FieldlineError } from '@/lib/errors';
import type { Identity } from '@/services/access/contract';
import type { Runtime } from '@/services/contract';
import { getRuntime } from '@/services/runtime/global';
import { observeCall } from '@/services/telemetry/calls';
import { readJson } from './body';
import { fieldErrors, problemResponse } from './problem';
import { type Remark, Visit } from './visit';

type RouteContext = { params: Promise<Record<string, string | string[] | undefined>> };
export type RouteHandler = (request: Request, context: RouteContext) => Promise<Response>;

/** A call that has passed the checks of its operation. */
export interface Call<Id extends OperationId> {
  request: Request;
  runtime: Runtime;
  /** Who calls: with access control off, this machine; of a public operation, possibly nobody. */
  caller: Identity | null;
  params: ParamsOf<Id>;
  query: QueryOf<Id>;
  body: BodyOf<Id>;
  /** Fails with FORBIDDEN where the caller may not do more than the operation takes. */
  demand(need: AccessNeed): void;
  /** Aborts when the caller is no longer let in (an answer that takes its time watches it), or has gone. */
  signal(): AbortSignal;
  /** A Set-Cookie header for the answer. */
  setCookie(cookie: string): void;
  /** Adds to the line of the audit log. */
  tell(remark: Remark): void;
}

/** The handler of an operation: checks who calls, from where, and what the call says, runs it, words its answer or its error. */
export function answer<Id extends OperationId>(
  id: Id,
  run: (call: Call<Id>) => AnswerOf<Id> | Promise<AnswerOf<Id>>,
): RouteHandler {
  const operation: Operation = OPERATIONS[id];
  const handle: RouteHandler = async (request, context) => {
    const visit = new Visit(request, id);
    const cookies: string[] = [];
    try {
      await visit.admit();
      const params = await paramsOf(operation, context);
      visit.tell({ target: params });
      visit.demand(operation.access, params.site);
      const body = operation.body ? check(operation.body, await readJson(request), 'The body') : undefined;
      visit.tellBody(body);
      const call = {
        request,
        get runtime() {
          return getRuntime();
        },
        caller: visit.caller,
        params: params as ParamsOf<Id>,
        query: check(
          operation.query,
          Object.fromEntries(new URL(request.url).searchParams),
          'The query',
        ) as QueryOf<Id>,
        body: body as BodyOf<Id>,
        demand: (need: AccessNeed) => visit.demand(need, params.site),
        signal: () => visit.signal(),
        setCookie: (cookie: string) => cookies.push(cookie),
        tell: (remark: Remark) => visit.tell(remark),
      } as Call<Id>;
      const result: unknown = await run(call);
      await visit.done();
      const response = result instanceof Response ? result : json(result, operation.status);
      for (const cookie of cookies) response.headers.append('set-cookie', cookie);
      return response;
    } catch (error) {
      await visit.failed(error);
      return problemResponse(error, request, { ...errorExtras(error), headers: visit.headersFor(error) });
    }
  };
  return (request, context) =>
    observeCall({ id, operation, request, tracer: tracerOf() }, () => handle(request, context));
}

/** Null before the process has a runtime, and after. */
function tracerOf() {
  try {
    return getRuntime().tracer;
  } catch {
    return null;
  }
}

/** A JSON answer. Readings of a moment: nobody keeps them. */
export const json = (value: unknown, status = 200) =>
  Response.json(value, { status, headers: { 'cache-control': 'no-store' } });

/** All exports of a route file: the given handlers, HEAD with GET, OPTIONS, and a 405 that says what there is for every other method. */
export function endpoint(handlers: Partial<Record<HttpMethod, RouteHandler>>) {
  const allow = [...Object.keys(handlers), ...(handlers.GET ? ['HEAD'] : []), 'OPTIONS'].join(', ');
  const refuse: RouteHandler = async (request) =>
    problemResponse(
      new FieldlineError('METHOD_NOT_ALLOWED', `${request.method} does nothing here`, { remedy: `There is ${allow}` }),
      request,
      { headers: { allow } },
    );
  const { GET } = handlers;
  return {
    GET: GET ?? refuse,
    HEAD: GET ? headOf(GET) : refuse,
    PUT: handlers.PUT ?? refuse,
    POST: handlers.POST ?? refuse,
    DELETE: handlers.DELETE ?? refuse,
    PATCH: refuse,
    OPTIONS: async () => new Response(null, { status: 204, headers: { allow } }),
  };
}

/** GET without the body; the body's source is let go at once. */
const headOf =
  (get: RouteHandler): RouteHandler =>
  async (request, context) => {
    const response = await get(request, context);
    await response.body?.cancel();
    return new Response(null, { status: response.status, headers: response.headers });
  };

/** A path that does not fit its pattern names nothing: 404, not 400. */
async function paramsOf(operation: Operation, context: RouteContext): Promise<Record<string, string>> {
  const given = await context.params;
  const parsed = operation.params?.safeParse(given);
  if (parsed && !parsed.success) {
    const [issue] = parsed.error.issues;
    const name = String(issue?.path[0]);
    throw new FieldlineError('NOT_FOUND', `There is no ${name} "${given[name]}"`, {
      ...(issue?.code === 'invalid_value' && { remedy: `There are ${issue.values.join(', ')}` }),
    });
  }
  return (parsed?.data ?? {}) as Record<string, string>;
}

function check(schema: ZodType | undefined, value: unknown, what: string): unknown {
  const parsed = schema?.safeParse(value);
  if (!parsed) return {};
  if (parsed.success) return parsed.data;
  throw new FieldlineError('REQUEST_INVALID', `${what} is not as this call needs it`, { cause: parsed.error });
}

function errorExtras(error: unknown) {
  const cause = error instanceof FieldlineError && error.code === 'REQUEST_INVALID' ? error.cause : null;
  return cause instanceof ZodError ? { errors: fieldErrors(cause) ?? [] } : {};
}
