/** `/consumers/...`: instances, subscriptions, records, offsets, positions. */
import type { ServerResponse } from 'node:http';
import type { RestRequest, RestRouter } from '../../http/router';
import { FETCH_WAIT_MS_MAX } from '../../kafka/server/limits';
import { refusal } from '../errors';
import { accepts, encodeEmbedded, mediaType } from '../formats';
import { type NamedTopic, topicNamed, topicPattern } from '../names';
import { sendAnswer, sendNothing } from '../send';
import type { ConsumedRecord, RestConsumer } from './consumer';
import type { ConsumerRegistry } from './registry';
import { CreateBody, OffsetsBody, PartitionsBody, parseBody, SubscriptionBody } from './requests';

/** Confluent's `consumer.request.timeout.ms`. */
const TIMEOUT_DEFAULT_MS = 1000;
const RECORDS_BYTES_DEFAULT = 1024 * 1024;
/** Keys and values of one answer; in base64 a third more. */
const RECORDS_BYTES_MAX = 8 * 1024 * 1024;
const GROUP_PATTERN = /^[^/\s]{1,249}$/;

export function registerConsumerRoutes(router: RestRouter, registry: ConsumerRegistry, siteId: string): void {
  const INSTANCE = '/consumers/:group/instances/:instance';
  const named = (topic: string): NamedTopic => topicNamed(topic, siteId);
  const at = ({ topic, partition }: { topic: string; partition: number }) => ({ topic: named(topic).kafka, partition });
  /** A call of an instance; what it gives is the answer, nothing: 204. */
  const on = (
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    work: (consumer: RestConsumer, request: RestRequest, response: ServerResponse) => Promise<unknown> | unknown,
    emptyStatus: 200 | 204 = 204,
  ) =>
    router.on(method, `${INSTANCE}${path}`, async (request, response) => {
      const { group, instance } = request.params as { group: string; instance: string };
      const answer = await registry.use(group, instance, (consumer) => work(consumer, request, response));
      if (response.writableEnded) return;
      if (answer === undefined) sendNothing(response, emptyStatus);
      else sendAnswer(response, answer);
    });

  router.on('POST', '/consumers/:group', async (request, response) => {
    const group = request.params.group!;
    if (!GROUP_PATTERN.test(group)) throw refusal('consumerConfig', 'That is not the name of a group');
    const body = parseBody(CreateBody, await request.text());
    const { instance } = registry.create({
      group,
      instance: body.name,
      format: body.format,
      reset: body['auto.offset.reset'],
      autoCommit: body['auto.commit.enable'],
    }).config;
    const path = `/consumers/${encodeURIComponent(group)}/instances/${encodeURIComponent(instance)}`;
    sendAnswer(response, { instance_id: instance, base_uri: `${originOf(request)}${path}` });
  });
  router.on('DELETE', INSTANCE, async ({ params }, response) => {
    await registry.remove(params.group!, params.instance!);
    sendNothing(response, 204);
  });

  on('POST', '/subscription', async (consumer, request) => {
    const body = parseBody(SubscriptionBody, await request.text());
    if (body.topics) return consumer.subscribe({ kind: 'topics', topics: body.topics.map(named) });
    const pattern = body.topic_pattern!;
    consumer.subscribe({ kind: 'pattern', pattern, match: topicPattern(pattern, siteId) });
  });
  on('GET', '/subscription', (consumer) => ({ topics: consumer.subscribedTopics() }));
  on('DELETE', '/subscription', (consumer) => consumer.unsubscribe());
  on('POST', '/assignments', async (consumer, request) => {
    const { partitions } = parseBody(PartitionsBody, await request.text());
    consumer.assign(partitions.map(({ topic, partition }) => ({ topic: named(topic), partition })));
  });
  on('GET', '/assignments', (consumer) => ({ partitions: consumer.assignments() }));

  on('POST', '/positions', async (consumer, request) => {
    const { offsets } = parseBody(OffsetsBody, await request.text());
    for (const position of offsets) consumer.seek(at(position), position.offset);
  });
  for (const end of ['beginning', 'end'] as const)
    on('POST', `/positions/${end}`, async (consumer, request) => {
      const { partitions } = parseBody(PartitionsBody, await request.text());
      for (const position of partitions) consumer.seek(at(position), end);
    });

  on(
    'POST',
    '/offsets',
    async (consumer, request) => {
      const text = await request.text();
      if (text.trim() === '' || text.trim() === '{}') return consumer.commit(null);
      const { offsets } = parseBody(OffsetsBody, text);
      await consumer.commit(offsets.map((entry) => ({ ...entry, ...at(entry), metadata: entry.metadata ?? null })));
    },
    200,
  );
  on('GET', '/offsets', async (consumer, request) => {
    const { partitions } = parseBody(PartitionsBody, await request.text());
    const offsets = partitions.flatMap(({ topic, partition }) =>
      consumer
        .committed([at({ topic, partition })])
        .map(({ offset, metadata }) => ({ topic, partition, offset, metadata })),
    );
    return { offsets };
  });

  on('GET', '/records', (consumer, request, response) => sendRecords(consumer, request, response));
}

async function sendRecords(consumer: RestConsumer, request: RestRequest, response: ServerResponse): Promise<void> {
  const { format } = consumer.config;
  if (!accepts(request.raw, format))
    throw refusal('formatMismatch', `This consumer reads the ${format} format: Accept has to be ${mediaType(format)}`);
  const timeoutMs = Math.min(integer(request, 'timeout', TIMEOUT_DEFAULT_MS), FETCH_WAIT_MS_MAX);
  const maxBytes = Math.min(integer(request, 'max_bytes', RECORDS_BYTES_DEFAULT), RECORDS_BYTES_MAX);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const records = await consumer.poll(timeoutMs, Math.max(1, maxBytes), gone.signal);
  const row = ({ topic, partition, offset, key, value }: ConsumedRecord) => {
    const where = `${topic}/${partition} at offset ${offset}`;
    return {
      topic,
      key: encodeEmbedded(format, key, `The key of ${where}`),
      value: encodeEmbedded(format, value, `The value of ${where}`),
      partition,
      offset,
    };
  };
  sendAnswer(response, records.map(row), mediaType(format));
}

function integer({ query }: RestRequest, name: string, otherwise: number): number {
  const text = query.get(name);
  if (text === null || text === '-1') return otherwise;
  if (!/^\d{1,10}$/.test(text)) throw refusal('invalid', `${name} has to be a number, not "${text.slice(0, 50)}"`);
  return Number(text);
}

/** As the client reached this door: what lies between may have another name for it. */
function originOf({ raw }: RestRequest): string {
  const { localAddress, localPort } = raw.socket;
  const scheme = 'encrypted' in raw.socket ? 'https' : 'http';
  return `${scheme}://${raw.headers.host ?? `${localAddress}:${localPort}`}`;
}
