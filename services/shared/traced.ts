/** How the services trace what they do for an asset (docs/adr/012). Names and attributes as in OpenTelemetry's messaging conventions. */
import type { ServiceId } from '@/lib/domain/services';
import type { ProduceRecord, StreamRecord, TopicRef } from '@/lib/ports';
import { type Attributes, parseTraceparent, type Span, TRACEPARENT, type TraceContext } from '@/lib/tracing';
import type { ServiceContext } from '../contract';

type Traced = Pick<ServiceContext, 'tracer' | 'site'>;

/** The context that a row carries; null for a row from before there were traces. */
export const traceOf = (row: { trace: string | null } | null | undefined): TraceContext | null =>
  parseTraceparent(row?.trace);

/** A record, and what its sending is a child of. */
export interface TracedRecord extends ProduceRecord {
  parent: TraceContext | null;
}

const nameOf = ({ stream, topic }: TopicRef) => `${stream}/${topic}`;

/** Writes records, each with the context of its own `send` span. As `streams.produce`. */
export async function produceTraced(
  { ports, tracer, site }: Pick<ServiceContext, 'ports' | 'tracer' | 'site'>,
  topic: TopicRef,
  records: readonly TracedRecord[],
): Promise<void> {
  const destination = nameOf(topic);
  const spans = records.map(({ key, parent }) => {
    const attributes: Attributes = {
      'messaging.system': 'kafka',
      'messaging.operation.type': 'send',
      'messaging.destination.name': destination,
      'fieldline.site': site.id,
      'fieldline.asset.id': key,
    };
    return tracer.start(`send ${topic.topic}`, { parent, kind: 'producer', attributes });
  });
  const traced = records.map(({ parent: _, ...record }, index) => ({
    ...record,
    headers: { ...record.headers, [TRACEPARENT]: spans[index]!.traceparent },
  }));
  await inSpans(spans, () => ports.streams.produce(topic, traced));
}

/** The span in which a service works on one message, a child of the span that sent it. The key of every message is its asset's id. */
export function startProcessSpan(
  { tracer, site }: Traced,
  service: ServiceId,
  record: StreamRecord,
  topic: TopicRef,
): Span {
  return tracer.start(`process ${topic.topic}`, {
    parent: parseTraceparent(record.headers[TRACEPARENT]),
    kind: 'consumer',
    attributes: {
      'messaging.system': 'kafka',
      'messaging.operation.type': 'process',
      'messaging.destination.name': nameOf(topic),
      'fieldline.site': site.id,
      'fieldline.asset.id': record.key,
      'fieldline.service': service,
      'messaging.kafka.offset': Number(record.offset),
      'messaging.destination.partition.id': String(record.partition),
      'fieldline.message.age_ms': Math.max(0, Date.now() - record.timestamp),
    },
  });
}

/** Ends the spans when the work does, with its error when it fails. */
export async function inSpans<T>(spans: readonly Span[], work: () => Promise<T>): Promise<T> {
  try {
    const result = await work();
    for (const span of spans) span.end();
    return result;
  } catch (error) {
    for (const span of spans) span.end({ error });
    throw error;
  }
}
