/** The tracer: identifiers, parents, links, times. What it makes is kept in a ring, and exported where that is configured (docs/adr/012). */
import { errorMessage } from '@/lib/errors';
import { formatTraceparent, newSpanId, newTraceId, type TraceContext } from './context';
import { SpanRing } from './span-ring';
import type { Attributes, AttributeValue, Span, SpanData, SpanExporter, SpanOptions, Tracer } from './types';

const ERROR_LENGTH_MAX = 300;

export interface TracerOptions {
  spansKept: number;
  /** Share of new traces that are exported. */
  sampleRatio: number;
  exporter?: SpanExporter;
}

export function createTracer({ spansKept, sampleRatio, exporter }: TracerOptions): Tracer {
  const ring = new SpanRing(spansKept);
  const finish = (span: SpanData) => {
    // Every page asks for something every few seconds: such calls would push out what an asset's timeline shows.
    if (span.kind !== 'server') ring.add(span);
    if (span.sampled) exporter?.export(span);
  };
  return {
    start: (name, options = {}) => new ActiveSpan(name, contextFor(options, sampleRatio), options, finish),
    spansOf: (traceId) => ring.of(traceId),
    shutdown: async () => exporter?.shutdown(),
  };
}

/** Keeps and exports nothing: for what is traced only where a runtime gives a tracer. Its contexts are real. */
export const quietTracer: Tracer = createTracer({ spansKept: 0, sampleRatio: 0 });

/** A wall clock that differs by more from the monotonic one was set, or the machine slept. */
const CLOCK_STEP_MS = 100;
let offsetMs = Date.now() - performance.now();

/** Now in ms since the epoch, with microseconds: steps that follow within one millisecond keep their order. */
function preciseNow(): number {
  const now = performance.now() + offsetMs;
  const wall = Date.now();
  if (Math.abs(wall - now) <= CLOCK_STEP_MS) return now;
  offsetMs = wall - performance.now();
  return wall;
}

function contextFor({ context, parent }: SpanOptions, sampleRatio: number): TraceContext {
  if (context) return context;
  if (parent) return { traceId: parent.traceId, spanId: newSpanId(), sampled: parent.sampled };
  return { traceId: newTraceId(), spanId: newSpanId(), sampled: Math.random() < sampleRatio };
}

class ActiveSpan implements Span {
  readonly traceparent: string;
  readonly #startMs: number;
  readonly #attributes: Attributes;
  #ended = false;

  constructor(
    readonly name: string,
    readonly context: TraceContext,
    readonly options: SpanOptions,
    readonly finish: (span: SpanData) => void,
  ) {
    this.traceparent = formatTraceparent(context);
    this.#startMs = options.startMs ?? preciseNow();
    this.#attributes = options.attributes ?? {};
  }

  set(attributes: Attributes): void {
    Object.assign(this.#attributes, attributes);
  }

  end({ error, endMs }: { error?: unknown; endMs?: number } = {}): void {
    if (this.#ended) return;
    this.#ended = true;
    const { parent, kind = 'internal', links = [] } = this.options;
    this.finish({
      traceId: this.context.traceId,
      spanId: this.context.spanId,
      sampled: this.context.sampled,
      parentSpanId: parent?.spanId ?? null,
      name: this.name,
      kind,
      startMs: this.#startMs,
      endMs: Math.max(this.#startMs, endMs ?? preciseNow()),
      attributes: known(this.#attributes),
      links: links.filter((link) => link !== null),
      error: error === undefined ? null : errorMessage(error).slice(0, ERROR_LENGTH_MAX),
    });
  }
}

/** Without those that turned out to have no value. */
function known(attributes: Attributes): Record<string, AttributeValue> {
  for (const name in attributes) if (attributes[name] === undefined) delete attributes[name];
  return attributes as Record<string, AttributeValue>;
}
