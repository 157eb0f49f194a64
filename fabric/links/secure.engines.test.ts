/** A link to a real Apache Kafka that asks for TLS and credentials. */
import { Kafka } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseBatches } from '@/fabric/kafka/record-batch';
import { startKafka } from '@/scripts/engines/kafka.mjs';
import { engine } from '@/scripts/engines/provision.mjs';
import type { LinkSecurity, SaslCredentials } from './security';
import { batchOf, Edge, makeDirectory, PREFIX } from './testing/sites';

const USER = { username: 'alpha', password: 'correct horse' };
const WAIT = { timeout: 30_000 };
const quiet = () => () => undefined;
/** Of a session, which then has to be renewed. */
const SESSION_MS = 3_000;

describe.skipIf(!engine('kafka').home)('a link to an Apache Kafka that is secured', () => {
  let kafka: Awaited<ReturnType<typeof startKafka>>;
  let open: Kafka;
  let closing: (() => Promise<void>)[] = [];
  let count = 0;

  beforeAll(async () => {
    kafka = await startKafka({ users: [USER], settings: { 'connections.max.reauth.ms': SESSION_MS } });
    open = new Kafka({ brokers: kafka.brokers, clientId: 'test', logCreator: quiet });
  }, 120_000);
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    closing = [];
  });
  afterAll(() => kafka?.stop());

  async function link(address: string, security: LinkSecurity) {
    count += 1;
    const topics = { inbound: `${PREFIX}HQ${count}`, outbound: `${PREFIX}EDGE${count}.alpha` };
    const admin = open.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: topics.inbound, numPartitions: 1 }], waitForLeaders: true });
    await admin.disconnect();
    const { directory, remove } = await makeDirectory();
    const edge = await new Edge('alpha', directory, () => address, security).start();
    closing.push(remove, () => edge.stop());
    await edge.store.create(topics.outbound, { partitions: 1 });
    await edge.declare({ inbound: [`HQ${count}`], outbound: [`EDGE${count}.alpha`] });
    return { edge, topics };
  }

  const sasl = (mechanism: SaslCredentials['mechanism'], password = USER.password): SaslCredentials => {
    return { mechanism, username: USER.username, password };
  };
  const end = async (topic: string) => {
    const admin = open.admin();
    await admin.connect();
    const [partition] = await admin.fetchTopicOffsets(topic);
    await admin.disconnect();
    return Number(partition!.high);
  };

  it.each([
    ['SCRAM-SHA-256', 'scram-sha-256', false],
    ['PLAIN in TLS', 'plain', true],
    ['SCRAM-SHA-256 in TLS', 'scram-sha-256', true],
    ['SCRAM-SHA-512 in TLS', 'scram-sha-512', true],
  ] as const)('carries both ways with %s, conditioned, beyond the end of a session', async (_name, mechanism, tls) => {
    const { edge, topics } = await link(tls ? kafka.tlsBroker! : kafka.saslBroker!, {
      sasl: sasl(mechanism),
      ...(tls && { tls: { ca: kafka.ca! } }),
    });
    const producer = open.producer();
    await producer.connect();
    closing.push(() => producer.disconnect());
    const send = (value: string) => producer.send({ topic: topics.inbound, messages: [{ key: 'k', value }] });
    await send('one');
    await edge.store.partition(topics.outbound, 0)!.append(parseBatches(batchOf(['a', 'b'])));
    await vi.waitFor(async () => expect(await end(topics.outbound)).toBe(2), WAIT);
    await vi.waitFor(() => expect(edge.store.partition(topics.inbound, 0)?.highWatermark).toBe(1), WAIT);
    // The conditioner counts what really goes over the link, and its cut ends encrypted connections too.
    expect(edge.dialer.traffic().bytesIn).toBeGreaterThan(500);
    edge.links.setConditions({ cut: true, bytesPerSecond: null, latencyMs: 0 });
    await vi.waitFor(async () => expect((await edge.status()).inbound.state).toBe('down'), WAIT);
    await send('two');
    edge.links.setConditions({ cut: false, bytesPerSecond: null, latencyMs: 20 });
    await vi.waitFor(() => expect(edge.store.partition(topics.inbound, 0)?.highWatermark).toBe(2), WAIT);
    if (mechanism !== 'scram-sha-512') return;
    await new Promise((resolve) => setTimeout(resolve, 2 * SESSION_MS));
    await send('three');
    await vi.waitFor(() => expect(edge.store.partition(topics.inbound, 0)?.highWatermark).toBe(3), WAIT);
    expect((await edge.status()).inbound).toMatchObject({ state: 'up', lastError: null });
  });

  it.each([
    [
      'a wrong password',
      () => ({ sasl: sasl('scram-sha-512', 'no-such-word'), tls: { ca: kafka.ca! } }),
      /did not accept the credentials/,
    ],
    [
      'a wrong password sent as it is',
      () => ({ sasl: sasl('plain', 'no-such-word'), tls: { ca: kafka.ca! } }),
      /did not accept the credentials/,
    ],
    ['no TLS', () => ({ sasl: sasl('plain') }), /connection|closed|lost|no Kafka broker/],
    ['an authority that is not known', () => ({ sasl: sasl('plain'), tls: {} }), /certificate of .* is not trusted/],
    [
      'another name',
      () => ({ sasl: sasl('plain'), tls: { ca: kafka.ca!, serverName: 'hq.example' } }),
      /is for another name/,
    ],
  ])('says what is wrong with %s, without the secret', async (_name, security, words) => {
    const { edge } = await link(kafka.tlsBroker!, security());
    await vi.waitFor(async () => {
      const { inbound, outbound } = await edge.status();
      for (const { state, lastError } of [inbound, outbound]) {
        expect(state).toMatch(/down|connecting/);
        expect(lastError).toMatch(words);
        expect(lastError).not.toContain('no-such-word');
      }
    }, WAIT);
  });

  it('says that a port does not speak TLS', async () => {
    const { edge } = await link(kafka.saslBroker!, { sasl: sasl('plain'), tls: { ca: kafka.ca! } });
    await vi.waitFor(async () => expect((await edge.status()).inbound.lastError).toMatch(/TLS/), WAIT);
  });
});
