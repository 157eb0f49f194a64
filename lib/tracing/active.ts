/** The context of the work under way, for whoever logs in it. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { TraceContext } from './context';

/** On globalThis: Next compiles several bundles, each with its own copy of this module. */
const KEY = Symbol.for('fieldline.active-trace');
const holder = globalThis as { [KEY]?: AsyncLocalStorage<TraceContext> };
holder[KEY] ??= new AsyncLocalStorage<TraceContext>();
const storage = holder[KEY];

export const withTrace = <T>(context: TraceContext, work: () => T): T => storage.run(context, work);

/** `trace_id` and `span_id` as OpenTelemetry names them in logs of other formats; empty outside of traced work. */
export function traceFields(): { trace_id?: string; span_id?: string } {
  const context = storage.getStore();
  return context ? { trace_id: context.traceId, span_id: context.spanId } : {};
}

export const activeTrace = (): TraceContext | null => storage.getStore() ?? null;
