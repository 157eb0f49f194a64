export { activeTrace, traceFields, withTrace } from './active';
export { contextOf, formatTraceparent, parseTraceparent, TRACEPARENT, type TraceContext } from './context';
export { createTracer, quietTracer } from './tracer';
export type { Attributes, Span, SpanData, SpanExporter, Tracer } from './types';
