import type { z } from 'zod';
import { decodeMessage } from '@/lib/domain/messages';
import { serviceGroup, TOPICS } from '@/lib/domain/naming';
import type { ServiceId } from '@/lib/domain/services';
import { errorMessage, shownMessage } from '@/lib/errors';
import type { StreamName, StreamRecord, Subscription, TopicRef } from '@/lib/ports';
import type { Span } from '@/lib/tracing';
import type { ServiceContext } from '../contract';
import { originOf, type Refused, writeDeadLetters } from '../dead-letters';
import { isFabricTrouble } from './fabric-trouble';
import { reportLag } from './lag';
import { inSpans, startProcessSpan } from './traced';

/** A message with where it came from. */
export interface Incoming<M> {
  readonly message: M;
  readonly record: StreamRecord;
  /** The topic it came from at first, also when an operator sent it again. */
  readonly topic: TopicRef;
  /** The work on this message: what it leads to is a child of it. */
  readonly trace: Span;
}

/** What a service reads: topics of one schema, and what it does with their messages. */
export interface Route<M> {
  /** Tells the consumer groups of one service apart; empty for a service with one route. */
  readonly name: string;
  readonly topics: readonly TopicRef[] | { stream: StreamName; prefix: string };
  readonly schema: z.ZodType<M>;
  /** Idempotent. When the fabric is in trouble, the batch comes again; anything else that it throws goes to the dead letters, message by message. */
  handle(batch: readonly Incoming<M>[], signal: AbortSignal): Promise<void>;
  readonly maxBatchRecords?: number;
}

export interface Consumers {
  /** Rejects when one of the subscriptions can not go on. */
  readonly done: Promise<void>;
  stop(): Promise<void>;
}

/** Who works. */
interface Work {
  readonly context: ServiceContext;
  readonly service: ServiceId;
}

/** A route whose message type is known to itself only, so that routes of several types stand in one list. */
export interface AnyRoute extends Pick<Route<unknown>, 'name' | 'topics' | 'maxBatchRecords'> {
  /** Parses and handles; returns what it refused. */
  take(work: Work, records: readonly StreamRecord[], signal: AbortSignal): Promise<Refused[]>;
}

/** Binds a route's schema to its handler. */
export function route<M>(definition: Route<M>): AnyRoute {
  const { name, topics, maxBatchRecords } = definition;
  return { name, topics, maxBatchRecords, take: (work, records, signal) => take(work, definition, records, signal) };
}

/**
 * Subscribes a service to its routes, and to what operators send it again. Messages are parsed here; those that do not parse, and those
 * whose handler refuses them, are kept as dead letters before their offset is committed.
 */
export async function startConsumers(
  context: ServiceContext,
  service: ServiceId,
  routes: readonly AnyRoute[],
): Promise<Consumers> {
  const { ports, config, site } = context;
  const group = serviceGroup(config.mission, site.id, service);
  const groupOf = (route: AnyRoute) => (route.name ? `${group}.${route.name}` : group);
  const subscriptions: Subscription[] = [];
  const stop = async () => {
    await Promise.all(subscriptions.map((subscription) => subscription.stop()));
  };
  try {
    for (const route of routes)
      subscriptions.push(
        await ports.streams.subscribe({
          group: groupOf(route),
          topics: route.topics,
          from: 'earliest',
          maxBatchRecords: route.maxBatchRecords,
          handler: (records, { signal }) => process(context, service, route, records, signal),
        }),
      );
    subscriptions.push(
      await ports.streams.subscribe({
        group: `${group}.retry`,
        topics: [TOPICS.retry(service)],
        from: 'earliest',
        handler: (records, { signal }) => processRetries(context, service, routes, records, signal),
      }),
    );
  } catch (error) {
    await stop();
    throw error;
  }
  // Ends with the signal; nothing waits for it, since a reading under way changes nothing.
  void reportLag(
    context,
    routes.map((route) => ({ group: groupOf(route), topics: route.topics })),
  );
  return {
    done: Promise.all(subscriptions.map((subscription) => subscription.done)).then(() => undefined),
    stop,
  };
}

async function process(
  context: ServiceContext,
  service: ServiceId,
  route: AnyRoute,
  records: readonly StreamRecord[],
  signal: AbortSignal,
): Promise<void> {
  const { report, log, ports, clock } = context;
  const part = `reading ${route.name}`;
  const startedAtMs = clock.now();
  try {
    const refused = await route.take({ context, service }, records, signal);
    report.took(clock.now() - startedAtMs);
    await writeDeadLetters(ports.streams, service, clock, refused);
    for (const { record, error } of refused) {
      report.failed(error);
      report.deadLettered();
      log.warn('A message was refused', {
        topic: record.topic.topic,
        offset: record.offset,
        reason: errorMessage(error),
      });
    }
    report.degraded(null, part);
  } catch (error) {
    // Comes again, after the driver's backoff; until then the tile says why nothing moves.
    if (!signal.aborted) {
      report.failed(error);
      report.degraded(shownMessage(error), part);
      log.warn('A batch will be tried again', { records: records.length, reason: errorMessage(error) });
    }
    throw error;
  }
}

/** What was sent again goes to the route its origin belongs to. */
async function processRetries(
  context: ServiceContext,
  service: ServiceId,
  routes: readonly AnyRoute[],
  records: readonly StreamRecord[],
  signal: AbortSignal,
): Promise<void> {
  for (const record of records) {
    const origin = originOf(record);
    const match = routes.find(({ topics }) =>
      'prefix' in topics
        ? topics.stream === origin.stream && origin.topic.startsWith(topics.prefix)
        : topics.some((topic) => topic.stream === origin.stream && topic.topic === origin.topic),
    );
    if (match) await process(context, service, match, [record], signal);
    else context.log.warn('A message sent again belongs to no topic of this service', { topic: origin.topic });
  }
}

async function take<M>(
  work: Work,
  { schema, handle }: Route<M>,
  records: readonly StreamRecord[],
  signal: AbortSignal,
): Promise<Refused[]> {
  const refused: Refused[] = [];
  const batch: Incoming<M>[] = [];
  for (const record of records) {
    try {
      const message = decodeMessage(schema, record.value);
      batch.push(incoming(work, message, record));
    } catch (error) {
      startProcessSpan(work.context, work.service, record, originOf(record)).end({ error });
      refused.push({ record, error });
    }
  }
  if (batch.length === 0) return refused;
  try {
    await inSpans(
      batch.map(({ trace }) => trace),
      () => handle(batch, signal),
    );
  } catch (error) {
    if (signal.aborted || isFabricTrouble(error)) throw error;
    // One of them is poison: find out which.
    for (const { message, record } of batch) {
      const reason = await handleAlone(handle, incoming(work, message, record), signal);
      if (reason !== null) refused.push({ record, error: reason });
    }
  }
  return refused;
}

function incoming<M>({ context, service }: Work, message: M, record: StreamRecord): Incoming<M> {
  const topic = originOf(record);
  return { message, record, topic, trace: startProcessSpan(context, service, record, topic) };
}

/** Null when the message was processed, else why it never will be. Throws what may pass. */
async function handleAlone<M>(
  handle: Route<M>['handle'],
  incoming: Incoming<M>,
  signal: AbortSignal,
): Promise<unknown> {
  try {
    await inSpans([incoming.trace], () => handle([incoming], signal));
    return null;
  } catch (error) {
    if (signal.aborted || isFabricTrouble(error)) throw error;
    return error;
  }
}
