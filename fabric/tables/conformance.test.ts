import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll } from 'vitest';
// biome-ignore lint/style/noRestrictedImports: the driver is tested at the real door, and only here do both meet
import { createDagTables, type DagExtension } from '@/lib/drivers/dag';
import { tablesConformance } from '@/lib/ports/conformance/tables';
import { testAccess } from '../access/testing';
import { DoorAuth } from '../http/auth';
import { RestServer } from '../http/router';
import { registerDagDoor, TABLE_EXTENSIONS } from './door';
import { openTables } from './store';
import { buildTablesWorker } from './testing';

let worker: Awaited<ReturnType<typeof buildTablesWorker>>;
let directory: string;
let server: RestServer;
let store: Awaited<ReturnType<typeof openTables>>;
let baseUrl: string;
let missions = 0;
const credentials = { username: 'mapr', password: 'secret' };

beforeAll(async () => {
  worker = await buildTablesWorker();
  directory = await mkdtemp(path.join(tmpdir(), 'dag-'));
  store = await openTables(directory, { workerFile: worker.file });
  server = new RestServer();
  const auth = new DoorAuth(await testAccess(credentials));
  auth.register(server);
  registerDagDoor(auth.protect(server), store);
  baseUrl = `http://127.0.0.1:${await server.listen('127.0.0.1', 0)}`;
});
afterAll(async () => {
  await server.close();
  await store.close();
  await worker.dispose();
  await rm(directory, { recursive: true });
});

const variant = (name: string, extensions: readonly DagExtension[]) =>
  tablesConformance(name, async () => ({
    // A mission of its own keeps the runs apart.
    tables: createDagTables({ baseUrl, mission: `m${++missions}`, extensions, auth: credentials }),
    dispose: async () => undefined,
  }));

variant('DAG REST with the extensions of the embedded fabric', TABLE_EXTENSIONS);
variant('DAG REST as a cluster has it', []);
