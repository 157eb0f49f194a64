/** MirrorMaker 2 between two real brokers, by a real Kafka Connect. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linksConformance } from '@/lib/ports/conformance/links';
import { startConnect, startKafka } from '@/scripts/engines/kafka.mjs';
import { engine } from '@/scripts/engines/provision.mjs';
import { createKafkaStreams } from '../kafka';
import { checkConnect, createConnectLinks, type KafkaCluster, removeConnectors } from './index';

const POLL = { timeout: 90_000, interval: 200 };
const USER = { username: 'mirror', password: 'mirror-secret' };
const { why } = engine('kafka');

describe.skipIf(why)(`links by MirrorMaker 2${why ? ` (${why})` : ''}`, () => {
  let directory: string;
  let hq: Awaited<ReturnType<typeof startKafka>>;
  let edge: Awaited<ReturnType<typeof startKafka>>;
  let connect: Awaited<ReturnType<typeof startConnect>>;
  beforeAll(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'fieldline-connect-'));
    hq = await startKafka({ users: [USER] });
    edge = await startKafka();
    connect = await startConnect({ broker: edge.broker });
  });
  afterAll(async () => {
    for (const each of [connect, edge, hq]) await each?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const IN = { stream: 'replicated', topic: 'BROADCAST' } as const;
  const OUT = { stream: 'replicated', topic: 'REQUEST.alpha' } as const;
  const optionsOf = (mission: string) => ({
    connect: { baseUrl: connect.url },
    mission,
    site: 'alpha',
    hq: { brokers: hq.brokers },
    edge: { brokers: edge.brokers },
    inbound: [IN.topic],
    outbound: [OUT.topic],
  });
  function open(changes: { hq?: KafkaCluster; secrets?: { provider: string; path: string } } = {}) {
    const mission = `m${randomUUID().slice(0, 8)}`;
    const links = createConnectLinks({ ...optionsOf(mission), ...changes });
    const streams = {
      hq: createKafkaStreams({ brokers: hq.brokers, mission, clientId: 'test-hq' }),
      edge: createKafkaStreams({ brokers: edge.brokers, mission, clientId: 'test-edge' }),
    };
    const dispose = async () => {
      await links.close();
      await removeConnectors({ baseUrl: connect.url }, { mission, site: 'alpha' });
      await Promise.all([streams.hq.close(), streams.edge.close()]);
    };
    return { mission, links, streams, dispose };
  }
  const restart = (each: { kill(): Promise<void>; start(): Promise<unknown> }) => async () => {
    await each.kill();
    await each.start();
  };

  const traits = { isExact: false, hasConditions: false };
  linksConformance(
    'MirrorMaker 2',
    async () => {
      const { links, streams, dispose } = open();
      return {
        links,
        ...streams,
        inbound: IN,
        outbound: OUT,
        restartHq: restart(hq),
        restartEdge: restart(edge),
        restartCarrier: restart(connect),
        dispose,
      };
    },
    traits,
  );

  it('tells HQ how it does, as an embedded edge would', async () => {
    const { links, streams, dispose } = open();
    try {
      await streams.hq.ensureTopic(IN);
      await streams.hq.produce(IN, [{ key: 'k', value: 'v', headers: {} }]);
      await links.ensureLink();
      const commits = async () =>
        (await streams.hq.commits('fieldline-link.alpha', [IN])).map(({ offset, metadata }) => [
          offset,
          JSON.parse(metadata || '{}'),
        ]);
      const report = { site: 'alpha', inbound: 'up', outbound: 'up', asOf: expect.stringMatching(/^\d{4}-.*Z$/) };
      await expect.poll(commits, POLL).toEqual([['1', expect.objectContaining(report)]]);
      expect(await streams.hq.lag('fieldline-link.alpha', [IN])).toMatchObject([{ records: 0 }]);
    } finally {
      await dispose();
    }
  });

  it('knows how far it is in the next process of the app too, as soon as Connect has written it down', async () => {
    const { mission, links, streams, dispose } = open();
    try {
      await streams.hq.ensureTopic(IN);
      await streams.hq.produce(IN, [{ key: 'k', value: 'v', headers: {} }]);
      await links.ensureLink();
      await expect.poll(() => streams.edge.tail(IN, 10).catch(() => []), POLL).toHaveLength(1);
      const next = createConnectLinks(optionsOf(mission));
      // Until then it tells rather too much than too little: a minute where Connect has no exactly-once support.
      await expect.poll(async () => (await next.status()).inbound, POLL).toMatchObject({ state: 'up', lagRecords: 0 });
      await next.close();
    } finally {
      await dispose();
    }
  });

  it('tells that all is there', async () => {
    const facts = await checkConnect({ baseUrl: connect.url });
    expect(facts).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+/), clusterId: expect.any(String) });
  });

  it('carries over TLS with credentials that nobody can read at Connect', async () => {
    const secrets = { provider: 'file', path: path.join(directory, 'secrets.properties') };
    writeFileSync(secrets.path, `hq.password=${USER.password}\n`);
    const sasl = { mechanism: 'scram-sha-512' as const, ...USER };
    const secured = { brokers: [hq.tlsBroker!], sasl, tls: { ca: hq.ca! } };
    const { mission, links, streams, dispose } = open({ hq: secured, secrets });
    try {
      await streams.hq.ensureTopic(IN);
      await streams.edge.ensureTopic(OUT);
      await links.ensureLink();
      await streams.hq.produce(IN, [{ key: 'k', value: 'in', headers: {} }]);
      await streams.edge.produce(OUT, [{ key: 'k', value: 'out', headers: {} }]);
      const values = async (of: typeof streams.hq, topic: typeof IN | typeof OUT) =>
        (await of.tail(topic, 10)).map(({ value }) => value);
      await expect.poll(() => values(streams.edge, IN), POLL).toEqual(['in']);
      await expect.poll(() => values(streams.hq, OUT), POLL).toEqual(['out']);
      for (const direction of ['inbound', 'outbound'])
        for (const what of ['config', 'tasks', 'status', 'tasks-config']) {
          const answer = await fetch(`${connect.url}/connectors/fieldline.${mission}.alpha.${direction}/${what}`);
          expect(await answer.text()).not.toContain(USER.password);
        }
    } finally {
      await dispose();
    }
  });

  it('says that HQ refuses the credentials, without them', async () => {
    const sasl = { mechanism: 'plain' as const, username: USER.username, password: 'wrong-secret' };
    const { links, streams, dispose } = open({ hq: { brokers: [hq.saslBroker!], sasl } });
    try {
      await streams.hq.ensureTopic(IN);
      await links.ensureLink();
      const { inbound, lastSeenAt } = await links.status();
      expect(inbound).toMatchObject({ state: 'failed', lastError: expect.stringContaining("HQ's Kafka") });
      expect(inbound.lastError).not.toContain('wrong-secret');
      expect(lastSeenAt).toBeNull();
    } finally {
      await dispose();
    }
  });

  it('is down while HQ, or Connect, is away, and goes on by itself', async () => {
    const { links, streams, dispose } = open();
    try {
      await streams.hq.ensureTopic(IN);
      await links.ensureLink();
      await expect.poll(async () => (await links.status()).inbound.state, POLL).toBe('up');
      await hq.kill();
      await expect.poll(async () => (await links.status()).inbound.state, POLL).toBe('down');
      expect((await links.status()).inbound.lastError).toContain("HQ's Kafka");
      await hq.start();
      await connect.kill();
      await expect.poll(async () => (await links.status()).outbound.lastError, POLL).toContain('Kafka Connect: 127');
      await connect.start();
      await expect.poll(async () => (await links.status()).inbound.state, POLL).toBe('up');
      expect((await links.status()).inbound.lastError).toBeNull();
    } finally {
      await dispose();
    }
  });

  it('makes again what somebody removed', async () => {
    const { mission, links, streams, dispose } = open();
    try {
      await streams.hq.ensureTopic(IN);
      await links.ensureLink();
      await expect.poll(async () => (await links.status()).inbound.state, POLL).toBe('up');
      await removeConnectors({ baseUrl: connect.url }, { mission, site: 'alpha' });
      await expect.poll(async () => (await links.status()).inbound.state, POLL).toBe('up');
      await streams.hq.produce(IN, [{ key: 'k', value: 'after', headers: {} }]);
      await expect.poll(async () => (await streams.edge.tail(IN, 10)).length, POLL).toBe(1);
    } finally {
      await dispose();
    }
  });

  it("says in MirrorMaker's words why it failed, and starts again by itself once that is mended", async () => {
    const { mission, links, streams, dispose } = open();
    const admin = new Kafka({ brokers: edge.brokers, logLevel: logLevel.NOTHING }).admin();
    const limit = async (bytes: number) => {
      const configEntries = [{ name: 'max.message.bytes', value: String(bytes) }];
      const topic = { type: ConfigResourceTypes.TOPIC, name: `${mission}.replicated.${IN.topic}`, configEntries };
      await admin.alterConfigs({ validateOnly: false, resources: [topic] });
    };
    try {
      await admin.connect();
      await streams.hq.ensureTopic(IN);
      await streams.hq.produce(IN, [{ key: 'k', value: 'small', headers: {} }]);
      await links.ensureLink();
      const arrived = async () => new Set((await streams.edge.tail(IN, 10)).map(({ value }) => value.slice(0, 5)));
      await expect.poll(arrived, POLL).toEqual(new Set(['small']));
      await limit(2000);
      await streams.hq.produce(IN, [{ key: 'k', value: 'large'.repeat(2000), headers: {} }]);
      await expect.poll(async () => (await links.status()).inbound.state, POLL).toBe('failed');
      expect((await links.status()).inbound.lastError).toMatch(/RecordTooLargeException/);
      expect((await links.status()).outbound.state).not.toBe('failed');
      await limit(1_000_000);
      await expect.poll(arrived, POLL).toEqual(new Set(['small', 'large']));
      await expect
        .poll(async () => (await links.status()).inbound, POLL)
        .toMatchObject({ state: 'up', lastError: null });
    } finally {
      await admin.disconnect();
      await dispose();
    }
  });
});
