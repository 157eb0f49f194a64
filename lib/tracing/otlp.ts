/** Spans to an OTLP/HTTP receiver, by OpenTelemetry's own exporter and batch processor. Loaded only where an endpoint is configured. */
import { SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace';
import type { TraceContext } from './context';
import type { SpanData, SpanExporter } from './types';

/** A receiver that is slow or away costs memory up to this many spans, then spans. */
const QUEUE_SPANS_MAX = 4096;
const BATCH_SPANS_MAX = 512;
const EXPORT_INTERVAL_MS = 2000;
const EXPORT_TIMEOUT_MS = 10_000;
/** The process does not wait longer for its last spans. */
const SHUTDOWN_MS_MAX = 2000;
const TRACES_PATH = '/v1/traces';

export interface OtlpOptions {
  /** Base address; the path of the signal is added, as OTEL_EXPORTER_OTLP_ENDPOINT has it. */
  endpoint: string;
  headers: Record<string, string>;
  /** `service.name`, `service.version` and so on. */
  resource: Record<string, string>;
}

export function createOtlpExporter({ endpoint, headers, resource }: OtlpOptions): SpanExporter {
  const url = endpoint.replace(/\/*$/, TRACES_PATH);
  const processor = new BatchSpanProcessor({
    exporter: new OTLPTraceExporter({ url, headers, timeoutMillis: EXPORT_TIMEOUT_MS }),
    maxQueueSize: QUEUE_SPANS_MAX,
    maxExportBatchSize: BATCH_SPANS_MAX,
    scheduledDelayMillis: EXPORT_INTERVAL_MS,
    exportTimeoutMillis: EXPORT_TIMEOUT_MS,
  });
  const origin = resourceFromAttributes(resource);
  return {
    export: (span) => processor.onEnd(toReadable(span, origin)),
    async shutdown() {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, SHUTDOWN_MS_MAX);
      });
      await Promise.race([processor.shutdown().catch(() => undefined), late]);
      clearTimeout(timer);
    },
  };
}

const KINDS: Record<SpanData['kind'], SpanKind> = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

const otelContext = ({ traceId, spanId, sampled }: TraceContext, isRemote = false) => ({
  traceId,
  spanId,
  traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
  isRemote,
});

function toReadable(span: SpanData, resource: ReadableSpan['resource']): ReadableSpan {
  return {
    name: span.name,
    kind: KINDS[span.kind],
    spanContext: () => otelContext(span),
    ...(span.parentSpanId !== null && { parentSpanContext: otelContext({ ...span, spanId: span.parentSpanId }, true) }),
    startTime: hrTime(span.startMs),
    endTime: hrTime(span.endMs),
    duration: hrTime(span.endMs - span.startMs),
    status: span.error === null ? { code: SpanStatusCode.UNSET } : { code: SpanStatusCode.ERROR, message: span.error },
    attributes: span.attributes,
    links: span.links.map((link) => ({ context: otelContext(link, true) })),
    events: [],
    ended: true,
    resource,
    instrumentationScope: { name: 'fieldline' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

/** Seconds and nanoseconds. */
const hrTime = (ms: number): [number, number] => [Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6)];
