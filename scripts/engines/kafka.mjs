/** Apache Kafka brokers (KRaft, broker and controller in one process) and Kafka Connect on loopback, for tests and benchmarks. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeCertificates } from './certificates.mjs';
import { accepts, EngineProcess, engineDirectory, freePorts } from './process.mjs';
import { engine } from './provision.mjs';

/**
 * How a Java process runs. `small`: several fit a machine of tests, and start soon. `shipped`: as Kafka's own start scripts do it
 * (bin/kafka-run-class.sh, kafka-server-start.sh and connect-distributed.sh of Apache Kafka 4), for whoever compares with Kafka.
 */
const JAVA_SETTINGS = {
  small: { fixed: ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'], broker: heap(64, 256), connect: heap(64, 256) },
  shipped: {
    fixed: [
      '-server',
      '-XX:+UseG1GC',
      '-XX:MaxGCPauseMillis=20',
      '-XX:InitiatingHeapOccupancyPercent=35',
      '-XX:+ExplicitGCInvokesConcurrent',
    ],
    broker: heap(1024, 1024),
    connect: heap(256, 2048),
  },
};
/** Logs of the engines themselves: what a failed start needs, no more. */
const LOG_LEVEL = 'warn';

/** Any will do; a broker refuses data of another. */
export const CLUSTER_ID = 'ZmllbGRsaW5lLXRlc3RzMQ';
/** What every broker for tests has: small, on loopback, no topic without a request. */
export const LOOPBACK_BROKER = {
  'process.roles': 'broker,controller',
  'controller.listener.names': 'CONTROLLER',
  'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_PLAINTEXT,TLS:SASL_SSL',
  'inter.broker.listener.name': 'PLAINTEXT',
  'offsets.topic.replication.factor': 1,
  'offsets.topic.num.partitions': 4,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
  'group.initial.rebalance.delay.ms': 0,
  'auto.create.topics.enable': false,
  'num.network.threads': 2,
  'num.io.threads': 2,
  'log.cleaner.dedupe.buffer.size': 8 * 1024 * 1024,
};

/** As a properties file has them. */
export const properties = (entries) =>
  Object.entries(entries)
    .map(([key, value]) => `${key}=${String(value).replaceAll('\n', '\\n')}`)
    .join('\n');

/** The options of a heap of so many MB. */
function heap(minMb, maxMb) {
  return [`-Xms${minMb}m`, `-Xmx${maxMb}m`];
}

/**
 * The arguments of `java` for a program of Apache Kafka's.
 * @param {'broker' | 'connect'} program
 * @param {'small' | 'shipped'} java see JAVA_SETTINGS
 */
export function javaOf(program, java = 'small') {
  const { home, why } = engine('kafka');
  if (!home) throw new Error(`Apache Kafka can not be had: ${why}`);
  const settings = JAVA_SETTINGS[java];
  return [
    ...settings[program],
    ...settings.fixed,
    `-Dorg.slf4j.simpleLogger.defaultLogLevel=${LOG_LEVEL}`,
    '-cp',
    `${path.join(home, 'libs')}${path.sep}*`,
  ];
}

/**
 * Starts a fresh broker. `users`: a listener with SASL (PLAIN, SCRAM-SHA-256, SCRAM-SHA-512) as well, at `saslBroker`, and one that
 * also has TLS, at `tlsBroker` with the authority `ca` (PEM). Topics are created by request only. `settings`: more server properties.
 * @param {{ users?: { username: string, password: string }[], settings?: Record<string, string | number>, java?: 'small' | 'shipped' }} [options]
 * @returns {Promise<{ broker: string, brokers: string[], saslBroker: string | null, tlsBroker: string | null, ca: string | null,
 *   pid(): number, start(): Promise<unknown>, kill(signal?: NodeJS.Signals): Promise<void>, stop(): Promise<void> }>}
 */
export async function startKafka({ users, settings = {}, java: how } = {}) {
  const java = javaOf('broker', how);
  const directory = engineDirectory('kafka');
  const [plain, controller, sasl, tls] = await freePorts(4);
  const listeners = {
    PLAINTEXT: plain,
    ...(users && { SASL: sasl, TLS: tls }),
  };
  const certificates = users ? makeCertificates(directory) : null;
  const addresses = Object.entries(listeners).map(([name, port]) => `${name}://127.0.0.1:${port}`);
  const plainUsers = (users ?? []).map(({ username, password }) => `user_${username}="${password}"`).join(' ');
  const plainModule = `org.apache.kafka.common.security.plain.PlainLoginModule required ${plainUsers};`;
  const scramModule = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
  const security = (name) => ({
    [`listener.name.${name}.sasl.enabled.mechanisms`]: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    [`listener.name.${name}.plain.sasl.jaas.config`]: plainModule,
    [`listener.name.${name}.scram-sha-256.sasl.jaas.config`]: scramModule,
    [`listener.name.${name}.scram-sha-512.sasl.jaas.config`]: scramModule,
  });
  const file = path.join(directory, 'server.properties');
  writeFileSync(
    file,
    properties({
      ...LOOPBACK_BROKER,
      'node.id': 1,
      'controller.quorum.voters': `1@127.0.0.1:${controller}`,
      listeners: [...addresses, `CONTROLLER://127.0.0.1:${controller}`].join(','),
      'advertised.listeners': addresses.join(','),
      'log.dirs': path.join(directory, 'data'),
      ...(certificates && {
        ...security('sasl'),
        ...security('tls'),
        'listener.name.tls.ssl.keystore.type': 'PEM',
        'listener.name.tls.ssl.keystore.certificate.chain': certificates.certificate,
        'listener.name.tls.ssl.keystore.key': certificates.key,
      }),
      ...settings,
    }),
  );
  const scram = (users ?? []).flatMap(({ username, password }) =>
    ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
      '--add-scram',
      `${mechanism}=[name=${username},password=${password}]`,
    ]),
  );
  const format = ['format', '-t', CLUSTER_ID, '-c', file, ...scram];
  execFileSync('java', [...java, 'kafka.tools.StorageTool', ...format], { stdio: ['ignore', 'pipe', 'pipe'] });
  const server = new EngineProcess({
    name: 'Apache Kafka',
    directory,
    command: 'java',
    args: [...java, 'kafka.Kafka', file],
    // The broker's own door opens only after it has joined the controller.
    ready: () => accepts(plain),
  });
  await server.start();
  return {
    broker: `127.0.0.1:${plain}`,
    brokers: [`127.0.0.1:${plain}`],
    saslBroker: users ? `127.0.0.1:${sasl}` : null,
    tlsBroker: users ? `127.0.0.1:${tls}` : null,
    ca: certificates?.ca ?? null,
    pid: () => server.pid(),
    start: () => server.start(),
    kill: (signal) => server.kill(signal),
    stop: () => server.stop(),
  };
}

/**
 * Starts a Kafka Connect worker with MirrorMaker 2's connectors, whose own topics are on that broker. `settings`: more worker properties.
 * @param {{ broker: string, settings?: Record<string, string | number>, java?: 'small' | 'shipped' }} options
 * @returns {Promise<{ url: string,
 *   pid(): number, start(): Promise<unknown>, kill(signal?: NodeJS.Signals): Promise<void>, stop(): Promise<void> }>}
 */
export async function startConnect({ broker, settings = {}, java: how }) {
  const java = javaOf('connect', how);
  const directory = engineDirectory('connect');
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const file = path.join(directory, 'connect.properties');
  const topics = ['config', 'offset', 'status'].flatMap((name) => [
    [`${name}.storage.topic`, `connect-${name}`],
    [`${name}.storage.replication.factor`, 1],
  ]);
  const bytes = 'org.apache.kafka.connect.converters.ByteArrayConverter';
  writeFileSync(
    file,
    properties({
      'bootstrap.servers': broker,
      'group.id': 'connect',
      listeners: url,
      'rest.advertised.host.name': '127.0.0.1',
      'key.converter': bytes,
      'value.converter': bytes,
      'config.providers': 'file',
      'config.providers.file.class': 'org.apache.kafka.common.config.provider.FileConfigProvider',
      'offset.storage.partitions': 1,
      'status.storage.partitions': 1,
      'plugin.discovery': 'service_load',
      ...Object.fromEntries(topics),
      ...settings,
    }),
  );
  const worker = new EngineProcess({
    name: 'Kafka Connect',
    directory,
    command: 'java',
    args: [...java, 'org.apache.kafka.connect.cli.ConnectDistributed', file],
    ready: () => answers(`${url}/connectors`),
  });
  await worker.start();
  return {
    url,
    pid: () => worker.pid(),
    start: () => worker.start(),
    kill: (signal) => worker.kill(signal),
    stop: () => worker.stop(),
  };
}

/** Also false while it listens but has not joined its group. */
async function answers(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
