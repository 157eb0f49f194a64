import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildTablesWorker } from './testing';

/** The tables and their door as a process of their own, which a test can kill at any moment. */
const PROGRAM = `
import { openTables, registerDagDoor } from './index';
import { RestServer } from '../http/router';
const [directory, workerFile] = process.argv.slice(2);
const tables = await openTables(directory, { workerFile });
const server = new RestServer();
registerDagDoor(server, tables);
process.stdout.write(await server.listen('127.0.0.1', 0) + '\\n');
`;
const TABLE = '%2Fm%2Ft';
const CLIENTS = 8;
const ROUNDS = 5;

let worker: Awaited<ReturnType<typeof buildTablesWorker>>;
let program: string;
let directory: string;
let child: ChildProcess | undefined;

beforeAll(async () => {
  worker = await buildTablesWorker();
  program = path.join(path.dirname(worker.file), 'door.mjs');
  await build({
    stdin: { contents: PROGRAM, resolveDir: import.meta.dirname, loader: 'ts' },
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['libsql'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'silent',
  });
  directory = await mkdtemp(path.join(tmpdir(), 'kill-'));
});
afterEach(async () => {
  await kill();
});
afterAll(async () => {
  await worker.dispose();
  await rm(directory, { recursive: true });
});

async function start(): Promise<string> {
  child = spawn(process.execPath, [program, directory, worker.file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(createInterface(child.stdout!), 'line')) as [string];
  return `http://127.0.0.1:${port}/api/v2/table/${TABLE}`;
}
async function kill(): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
const send = (url: string, method: string, body?: unknown) =>
  fetch(url, { method, body: body === undefined ? undefined : JSON.stringify(body) });

describe('a killed process', () => {
  it('has lost nothing it acknowledged, and half-done nothing', async () => {
    const inserted = new Set<string>();
    const counted = new Map<string, number>();
    let base = await start();
    expect((await send(base, 'PUT')).status).toBe(201);
    for (let client = 0; client < CLIENTS; client++) await send(base, 'POST', { _id: `counter-${client}`, n: 0 });

    for (let round = 0; round < ROUNDS; round++) {
      let stop = false;
      const clients = Array.from({ length: CLIENTS }, async (_, client) => {
        for (let i = 0; !stop; i++) {
          try {
            // Pairs go in together or not at all.
            const id = `${round}-${client}-${i}`;
            const pair = [{ _id: `${id}-a` }, { _id: `${id}-b`, filler: 'x'.repeat(2000) }];
            if ((await send(`${base}?mode=insert`, 'POST', pair)).ok) inserted.add(id);
            const counter = await send(`${base}/document/counter-${client}`, 'POST', { $increment: { n: 1 } });
            if (counter.ok) counted.set(`counter-${client}`, (counted.get(`counter-${client}`) ?? 0) + 1);
          } catch {
            return; // The server was killed under this call: it may have happened or not.
          }
        }
      });
      const enough = inserted.size + 60;
      while (inserted.size < enough) await new Promise((resolve) => setTimeout(resolve, 5));
      await kill();
      stop = true;
      await Promise.all(clients);
      base = await start();

      const { DocumentStream } = (await (await send(base, 'GET')).json()) as {
        DocumentStream: { _id: string; n?: number }[];
      };
      const ids = new Set(DocumentStream.map((document) => document._id));
      for (const id of inserted) expect([id, ids.has(`${id}-a`), ids.has(`${id}-b`)]).toEqual([id, true, true]);
      for (const id of ids) if (id.endsWith('-a')) expect([id, ids.has(id.replace(/-a$/, '-b'))]).toEqual([id, true]);
      for (const { _id, n = 0 } of DocumentStream.filter((document) => document._id.startsWith('counter-'))) {
        // At most the one call that was under way at each kill was done without being acknowledged.
        expect(n).toBeGreaterThanOrEqual(counted.get(_id) ?? 0);
        expect(n).toBeLessThanOrEqual((counted.get(_id) ?? 0) + round + 1);
      }
    }
    expect(inserted.size).toBeGreaterThanOrEqual(60 * ROUNDS);
  });
});
