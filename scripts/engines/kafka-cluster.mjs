/** Apache Kafka as several brokers (KRaft, each also a controller) on loopback, of which one may be away. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { CLUSTER_ID, javaOf, LOOPBACK_BROKER, properties } from './kafka.mjs';
import { accepts, EngineProcess, engineDirectory, freePorts } from './process.mjs';

const BROKERS = 3;
/** Acknowledged records are on two brokers: with one away all goes on, and nothing is lost. */
const IN_SYNC_MIN = 2;
/** A broker that was killed loses its partitions after this; Kafka's own default is 9 s. */
const SESSION_TIMEOUT_MS = 4_000;
/** A broker that came back gets its partitions back this soon; Kafka's own default is 5 minutes. */
const REBALANCE_INTERVAL_S = 5;

/**
 * Starts three fresh brokers. Topics are made by request only, on all three by default.
 * @returns {Promise<{ brokers: string[], nodes: { id: number, broker: string, start(): Promise<unknown>,
 *   kill(signal?: NodeJS.Signals): Promise<void> }[], stop(): Promise<void> }>} `nodes` in the order of `brokers`
 */
export async function startKafkaCluster() {
  const java = javaOf('broker');
  const ports = await freePorts(2 * BROKERS);
  const ids = Array.from({ length: BROKERS }, (_, index) => index + 1);
  const [brokerPorts, controllerPorts] = [ports.slice(0, BROKERS), ports.slice(BROKERS)];
  const voters = ids.map((id, index) => `${id}@127.0.0.1:${controllerPorts[index]}`).join(',');
  const servers = await Promise.all(
    ids.map(async (id, index) => {
      const directory = engineDirectory(`kafka-${id}`);
      const file = path.join(directory, 'server.properties');
      const plain = `PLAINTEXT://127.0.0.1:${brokerPorts[index]}`;
      writeFileSync(
        file,
        properties({
          ...LOOPBACK_BROKER,
          'node.id': id,
          'controller.quorum.voters': voters,
          listeners: `${plain},CONTROLLER://127.0.0.1:${controllerPorts[index]}`,
          'advertised.listeners': plain,
          'log.dirs': path.join(directory, 'data'),
          'default.replication.factor': BROKERS,
          'min.insync.replicas': IN_SYNC_MIN,
          'offsets.topic.replication.factor': BROKERS,
          'broker.session.timeout.ms': SESSION_TIMEOUT_MS,
          'broker.heartbeat.interval.ms': SESSION_TIMEOUT_MS / 4,
          'leader.imbalance.check.interval.seconds': REBALANCE_INTERVAL_S,
          'leader.imbalance.per.broker.percentage': 0,
        }),
      );
      await promisify(execFile)('java', [...java, 'kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', file]);
      return new EngineProcess({
        name: `Apache Kafka, broker ${id}`,
        directory,
        command: 'java',
        args: [...java, 'kafka.Kafka', file],
        ready: () => accepts(brokerPorts[index]),
      });
    }),
  );
  const stop = async () => {
    // Brokers that leave in order hand their partitions over, which the last one can do with nobody.
    await Promise.all(servers.map((server) => server.kill()));
    await Promise.all(servers.map((server) => server.stop()));
  };
  try {
    await Promise.all(servers.map((server) => server.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  const brokers = brokerPorts.map((port) => `127.0.0.1:${port}`);
  const nodes = servers.map((server, index) => ({
    id: ids[index],
    broker: brokers[index],
    start: () => server.start(),
    kill: (signal) => server.kill(signal),
  }));
  return { brokers, nodes, stop };
}
