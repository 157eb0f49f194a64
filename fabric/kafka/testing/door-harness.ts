/** A door on a fresh directory for tests, and clients on it; all gone after `close`. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openTopicStore } from '../../log';
import { quietLog } from '../../log/testing/log-harness';
import { type KafkaDoorOptions, startKafkaDoor } from '../index';
import { buildBatch } from '../records';
import { WireClient } from './wire-client';

export interface LoggedLine {
  level: string;
  message: string;
}

export async function startTestDoor(options: Partial<KafkaDoorOptions> & { directory?: string } = {}) {
  const directory = options.directory ?? (await mkdtemp(path.join(tmpdir(), 'fieldline-kafka-')));
  const store = await openTopicStore(path.join(directory, 'log'), { log: quietLog });
  const logged: LoggedLine[] = [];
  const log = {
    info: (message: string) => void logged.push({ level: 'info', message }),
    warn: (message: string) => void logged.push({ level: 'warn', message }),
    error: (message: string) => void logged.push({ level: 'error', message }),
  };
  const door = await startKafkaDoor({
    host: '127.0.0.1',
    port: 0,
    advertisedHost: '127.0.0.1',
    initialRebalanceDelayMs: 0,
    log,
    ...options,
    store,
    directory: path.join(directory, 'kafka'),
  });
  const clients: WireClient[] = [];
  return {
    store,
    door,
    directory,
    logged,
    client: async () => {
      const client = await WireClient.connect(door.port);
      clients.push(client);
      return client;
    },
    /** Stops as a fabric stops; the directory stays with `keep`. */
    close: async ({ keep = false } = {}) => {
      for (const client of clients) client.close();
      await door.close();
      await store.close();
      if (!keep) await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A produce request of one batch with these values. */
export function produceRequest(
  topic: string,
  values: readonly string[],
  { acks = -1, index = 0, timestamp = 1000 } = {},
) {
  const records = buildBatch(values.map((value) => ({ key: null, value: Buffer.from(value), timestamp })));
  return { acks, timeoutMs: 1000, topics: [{ name: topic, partitions: [{ index, records }] }] };
}

/** A fetch request of one partition. */
export function fetchRequest(
  topic: string,
  fetchOffset: number,
  { index = 0, maxWaitMs = 0, minBytes = 1, maxBytes = 1 << 20, partitionMaxBytes = 1 << 20 } = {},
) {
  const partitions = [{ index, fetchOffset, partitionMaxBytes }];
  return { replicaId: -1, maxWaitMs, minBytes, maxBytes, topics: [{ name: topic, partitions }] };
}
