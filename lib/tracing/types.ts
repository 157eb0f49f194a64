import type { TraceContext } from './context';

/** As OpenTelemetry has them: who waits for whom. */
export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';
export type AttributeValue = string | number | boolean;
export type Attributes = Record<string, AttributeValue | undefined>;

/** A finished piece of work. */
export interface SpanData extends TraceContext {
  readonly parentSpanId: string | null;
  readonly name: string;
  readonly kind: SpanKind;
  /** Milliseconds since the epoch, with fractions. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** Spans of this or other traces that this one has to do with, apart from its parent. */
  readonly links: readonly TraceContext[];
  /** Why it failed; null when it did not. */
  readonly error: string | null;
}

export interface SpanOptions {
  /** Whose child it is; null or absent: it is the root of a new trace. */
  parent?: TraceContext | null;
  kind?: SpanKind;
  /** Become the span's own, which adds to them: give no object that is used elsewhere. */
  attributes?: Attributes;
  links?: readonly (TraceContext | null)[];
  /** When it began, where that was not now; ms since the epoch. */
  startMs?: number;
  /** Its own context, where others name it by one that was agreed on (see `contextOf`). */
  context?: TraceContext;
}

export interface Span {
  readonly context: TraceContext;
  /** Its context for a header or a row. */
  readonly traceparent: string;
  set(attributes: Attributes): void;
  /** Ends it, with its first error if it failed. Only the first call counts. */
  end(outcome?: { error?: unknown; endMs?: number }): void;
}

export interface Tracer {
  start(name: string, options?: SpanOptions): Span;
  /** What is still kept of a trace, oldest first. */
  spansOf(traceId: string): SpanData[];
  /** Sends what is to be exported. Never rejects. */
  shutdown(): Promise<void>;
}

/** Takes finished spans of sampled traces. */
export interface SpanExporter {
  export(span: SpanData): void;
  shutdown(): Promise<void>;
}
