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
import { FieldlineError } from '@/lib/errors';
import type { Runtime } from '@/services/contract';
import { getRuntime } from '@/services/runtime/global';
import { observeCall } from '@/services/telemetry/calls';
import { readJson } from './body';
import { checkOrigin } from './origin';
import { fieldErrors, problemResponse } from './problem';

type RouteContext = { params: Promise<Record<string, string | string[] | undefined>> };
export type RouteHandler = (request: Request, context: RouteContext) => Promise<Response>;

/** A call that has passed the checks of its operation. */
export interface Call<Id extends OperationId> {
  request: Request;
  runtime: Runtime;
  params: ParamsOf<Id>;
  query: QueryOf<Id>;
  body: BodyOf<Id>;
}

/** The handler of an operation: checks where the call comes from and what it says, runs it, words its answer or its error. */
export function answer<Id extends OperationId>(
  id: Id,
  run: (call: Call<Id>) => AnswerOf<Id> | Promise<AnswerOf<Id>>,
): RouteHandler {
  const operation: Operation = OPERATIONS[id];
  const handle: RouteHandler = async (request, context) => {
    try {
      const runtime = getRuntime();
      checkOrigin(request, runtime.config.app.host);
      const call = {
        request,
        runtime,
        params: await paramsOf(operation, context),
        query: check(operation.query, Object.fromEntries(new URL(request.url).searchParams), 'The query'),
        body: operation.body ? check(operation.body, await readJson(request), 'The body') : undefined,
      } as Call<Id>;
      const result: unknown = await run(call);
      return result instanceof Response ? result : json(result, operation.status);
    } catch (error) {
      return problemResponse(error, request, errorExtras(error));
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
async function paramsOf(operation: Operation, context: RouteContext): Promise<unknown> {
  const parsed = operation.params?.safeParse(await context.params);
  if (parsed && !parsed.success) {
    const [issue] = parsed.error.issues;
    throw new FieldlineError(
      'NOT_FOUND',
      `There is nothing at this address: ${issue?.path.join('.')}: ${issue?.message}`,
    );
  }
  return parsed?.data ?? {};
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
