import type { Operation, OperationId } from '@/lib/api/operations';
import { parseTraceparent, quietTracer, TRACEPARENT, type Tracer, withTrace } from '@/lib/tracing';
import { instruments } from './instruments';

/** A scrape every few seconds, and streams that last as long as their page, would be most of what there is to look at. */
const UNTRACED: readonly OperationId[] = ['metrics', 'events', 'live', 'ready'];
const SERVER_ERROR_MIN = 500;

export interface ObservedCall {
  id: OperationId;
  operation: Operation;
  request: Request;
  /** Null while the process has no runtime. */
  tracer: Tracer | null;
}

/**
 * Counts and traces one call of the API; what is logged in it carries its trace. Labels are operations of the list, never paths, so that
 * there are only so many. `answer` never rejects: it words its errors.
 */
export async function observeCall(call: ObservedCall, answer: () => Promise<Response>): Promise<Response> {
  const { id, operation, request, tracer } = call;
  const startedAtMs = performance.now();
  const span = (UNTRACED.includes(id) ? quietTracer : (tracer ?? quietTracer)).start(
    `${operation.method} ${operation.path}`,
    {
      kind: 'server',
      parent: parseTraceparent(request.headers.get(TRACEPARENT)),
      attributes: { 'http.request.method': request.method, 'http.route': operation.path },
    },
  );
  const response = await withTrace(span.context, answer);
  const { status } = response;
  span.set({ 'http.response.status_code': status });
  span.end(status >= SERVER_ERROR_MIN ? { error: `HTTP ${status}` } : {});
  const { httpRequests, httpDuration } = instruments();
  httpRequests.inc({ operation: id, method: operation.method, status: String(status) });
  httpDuration.observe({ operation: id }, (performance.now() - startedAtMs) / 1000);
  return response;
}
