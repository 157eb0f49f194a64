import { describe, expect, it } from 'vitest';
import { carriedTopics, connectorConfig } from './connector-config';

const cluster = (name: string) => ({
  brokers: [`${name}-1:9092`, `${name}-2:9092`],
  sasl: { mechanism: 'scram-sha-512' as const, username: name, password: `pass"${name}\\` },
  tls: { ca: 'PEM' },
});
const options = {
  connect: { baseUrl: 'http://connect:8083' },
  mission: 'missionx',
  site: 'alpha',
  hq: cluster('hq'),
  edge: cluster('edge'),
  inbound: ['ASSET_BROADCAST', 'ASSET_RESPONSE'],
  outbound: ['ASSET_REQUEST.alpha', 'ASSET_RECEIPT.alpha'],
};

describe('the connectors of an edge', () => {
  it('carry the topics of their one writer only, by their full names', () => {
    const patterns = (direction: 'inbound' | 'outbound') =>
      connectorConfig(options, direction)
        .topics!.split(',')
        .map((topic) => new RegExp(`^${topic}$`));
    for (const [direction, other] of [
      ['inbound', 'outbound'],
      ['outbound', 'inbound'],
    ] as const) {
      const carries = (topic: string) => patterns(direction).some((pattern) => pattern.test(topic));
      for (const topic of carriedTopics(options, direction)) expect(carries(topic)).toBe(true);
      for (const topic of [...carriedTopics(options, other), 'heartbeats', 'missionx.pipeline.ASSET_FEED'])
        expect(carries(topic)).toBe(false);
      expect(carries(carriedTopics(options, direction)[0]!.replace('.', '-'))).toBe(false);
    }
  });

  it('read from the source, and write to the target with every client', () => {
    const inbound = connectorConfig(options, 'inbound');
    const brokers = 'bootstrap.servers';
    expect(inbound[`source.cluster.${brokers}`]).toBe('hq-1:9092,hq-2:9092');
    for (const client of ['target.cluster', 'producer.override', 'consumer.override', 'admin.override'])
      expect(inbound[`${client}.${brokers}`]).toBe('edge-1:9092,edge-2:9092');
    expect(connectorConfig(options, 'outbound')[`producer.override.${brokers}`]).toBe('hq-1:9092,hq-2:9092');
    expect(inbound['source.cluster.security.protocol']).toBe('SASL_SSL');
    expect(inbound['source.cluster.sasl.jaas.config']).toBe(
      'org.apache.kafka.common.security.scram.ScramLoginModule required username="hq" password="pass\\"hq\\\\";',
    );
  });

  it('hold no password where the workers have a file of them', () => {
    const secrets = { provider: 'file', path: '/etc/connect/fieldline.properties' };
    for (const direction of ['inbound', 'outbound'] as const) {
      const config = connectorConfig({ ...options, secrets }, direction);
      expect(JSON.stringify(config)).not.toMatch(/pass\\*"(hq|edge)/);
      const site = direction === 'inbound' ? 'hq' : 'edge';
      expect(config['source.cluster.sasl.jaas.config']).toContain(
        `password="\${file:/etc/connect/fieldline.properties:${site}.password}"`,
      );
    }
  });
});
