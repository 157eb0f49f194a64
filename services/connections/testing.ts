/** A mission on real embedded fabrics whose HQ can be connected elsewhere: for the tests of connections. */
import path from 'node:path';
import { expect } from 'vitest';
import type { ConnectionInput, Job } from '@/lib/api/connections';
import { parseConfig, withConnections } from '@/lib/config';
import { TABLES, VOLUMES } from '@/lib/domain/naming';
import { FabricProcess, temporaryDirectory } from '@/lib/drivers/testing/fabric-process';
import type { Runtime } from '../contract';
import { getConnection } from '../operations/connections';
import { createRequests } from '../operations/requests';
import { EdgeAssetRow, HqRequestRow } from '../rows';
import { createPorts } from '../runtime/ports';
import { createRuntime } from '../runtime/runtime';
import type { LogSink } from '../supervisor';
import { definitionsWith } from '../testing/memory-runtime';
import { entry, sampleDownloads, sampleFeed, sampleItem } from '../testing/samples';

/** Generous: nothing here is about speed. */
export const WAIT = { timeout: 90_000, interval: 100 };

export interface ConnectedMission {
  directory: string;
  /** What the feed offers; push another. */
  names: string[];
  /** Every line of the process's log. */
  logged: string[];
  /** Every event that the pages were told. */
  told: unknown[];
  runtime: () => Runtime;
  fabrics: { hq: FabricProcess; alpha: FabricProcess };
  /** As kill -9 of the app: nothing is told to anybody, and a new process begins. */
  restart(): Promise<void>;
  embedded(fabric: FabricProcess): ConnectionInput;
  /** Waits for the job of HQ to end, and resolves with it. */
  jobDone(): Promise<Job>;
  statusOf(name: string): Promise<string | null>;
  /** Requests an asset at alpha and waits until it is delivered there. */
  deliver(name: string): Promise<void>;
  requestStates(): Promise<string[]>;
  stop(): Promise<void>;
}

export async function startConnectedMission(names: string[], dataDir?: string): Promise<ConnectedMission> {
  const temporary = await temporaryDirectory();
  const directory = dataDir ?? temporary.directory;
  const hq = await new FabricProcess('hq', path.join(directory, 'hq')).start();
  const alpha = await new FabricProcess('alpha', path.join(directory, 'alpha')).start();
  const logged: string[] = [];
  const log = (facts: object, message: string) => void logged.push(`${JSON.stringify(facts)} ${message}`);
  const sink: LogSink = { error: log, warn: log, info: log, debug: log };
  const portsOf = (fabric: FabricProcess) => ({
    kafkaPort: Number(fabric.kafka.split(':')[1]),
    restPort: Number(fabric.rest.split(':')[1]),
  });
  const start = () =>
    createRuntime({
      config: withConnections(
        parseConfig(
          {
            dataDir: directory,
            limits: { requestResendMs: 2000 },
            sites: [
              { id: 'hq', role: 'hq', fabric: { kind: 'embedded', managed: false, ...portsOf(hq) } },
              {
                id: 'alpha',
                role: 'edge',
                upstream: hq.rest,
                fabric: { kind: 'embedded', managed: false, ...portsOf(alpha) },
              },
            ],
          },
          'the test',
        ),
      ),
      portsOf: createPorts,
      definitionsOf: definitionsWith(
        [sampleFeed('test', () => names.map((name) => entry(sampleItem(name))), { intervalSeconds: 2 })],
        sampleDownloads(),
      ),
      sink,
    });
  const told: unknown[] = [];
  const begin = () => {
    const started = start();
    started.events.subscribe((event) => void told.push(event));
    return started;
  };
  let runtime = begin();
  const siteOf = (id: string) => runtime.sites.get(id)!;
  const edgeRows = async () =>
    (await siteOf('alpha').ports.tables.find(TABLES.assets)).map((document) => EdgeAssetRow.parse(document));
  const rowOf = async (name: string) =>
    (await edgeRows().catch(() => [])).find((row) => row.asset.sourceId === name) ?? null;
  const statusOf = async (name: string) => (await rowOf(name))?.status ?? null;
  return {
    directory,
    names,
    logged,
    told,
    runtime: () => runtime,
    fabrics: { hq, alpha },
    async restart() {
      await runtime.stop();
      runtime = begin();
    },
    embedded: (fabric) => ({
      fabric: { kind: 'embedded', host: '127.0.0.1', managed: false, ...portsOf(fabric) },
    }),
    async jobDone() {
      await expect.poll(() => getConnection(runtime, 'hq').job?.state, WAIT).not.toBe('running');
      return getConnection(runtime, 'hq').job!;
    },
    statusOf,
    async deliver(name) {
      await expect.poll(() => statusOf(name), WAIT).not.toBeNull();
      await createRequests(runtime, 'alpha', [(await rowOf(name))!._id]);
      await expect.poll(() => statusOf(name), WAIT).toMatch(/ready|mirroring|delivered/);
      const startMirror = () =>
        siteOf('alpha')
          .ports.volumes.startMirror(VOLUMES.inbound)
          .then(
            () => 'started',
            (error) => error.code,
          );
      await expect.poll(startMirror, WAIT).toMatch(/started|MIRROR_RUNNING/);
      await expect.poll(() => statusOf(name), WAIT).toBe('delivered');
    },
    requestStates: async () =>
      (await siteOf('hq').ports.tables.find(TABLES.requests)).map((document) => HqRequestRow.parse(document).status),
    async stop() {
      await runtime.stop();
      await Promise.all([hq.kill(), alpha.kill()]);
      await temporary.remove();
    },
  };
}
