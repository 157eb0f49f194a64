/**
 * The table port on both of its engines, by the drivers that the services use, in one run: inserts, reads and finds a second on the DAG door
 * of an embedded fabric and on PostgreSQL. Both answer an insert once it is on disk.
 *
 *   node bench/tables.mjs [seconds a step, default 5]      (after npm run test:engines once, which gets PostgreSQL)
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { startPostgres } from '../scripts/engines/postgres.mjs';
import { startFabric } from './lib/fabric.mjs';

const SECONDS = Number(process.argv[2] ?? 5);
const CLIENTS = 16;
const ROWS = 10_000;
const PER_CALL = 500;
/** What the pages and services find: the rows of one status, newest first, and a page of all. */
const STATUSES = ['announced', 'downloading', 'downloaded', 'broadcast', 'failed'];
const PAGE = 50;
const TABLE = 'assets';

const root = path.resolve(import.meta.dirname, '..');
// Below the repository, so that the packages are found.
const outdir = path.join(root, '.cache/bench/tables');
await build({
  absWorkingDir: root,
  entryPoints: { dag: 'lib/drivers/dag/index.ts', postgres: 'lib/drivers/postgres/index.ts' },
  alias: { '@': root },
  outdir,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
});
const { createDagTables } = await import(path.join(outdir, 'dag.mjs'));
const { createPostgresTables } = await import(path.join(outdir, 'postgres.mjs'));

const directory = await mkdtemp(path.join(tmpdir(), 'bench-tables-'));
const fabric = await startFabric({ site: 'hq', directory });
const postgres = await startPostgres({ durable: true });

const engines = {
  'DAG (embedded)': createDagTables({ baseUrl: `http://127.0.0.1:${fabric.restPort}`, mission: 'bench' }),
  PostgreSQL: createPostgresTables({ ...postgres, mission: 'bench' }),
};

/** An asset row without a preview, of 0.85 KB. */
const row = (id, n) => ({
  _id: id,
  status: STATUSES[n % STATUSES.length],
  createdAt: new Date(1_700_000_000_000 + n * 1000).toISOString(),
  feed: 'sample',
  bytes: 123_456,
  filler: 'x'.repeat(700),
});
const newestFirst = [
  { field: 'createdAt', direction: 'desc' },
  { field: '_id', direction: 'desc' },
];
const any = (n) => (n * 7919) % ROWS;
/** Each is one call of the port by one client. */
const STEPS = {
  'insert one': (tables, client, n, run) => tables.insert(TABLE, row(`${run}-${client}-${n}`, n)),
  'get one': (tables, client, n) => tables.get(TABLE, `row-${any(n * CLIENTS + client)}`),
  [`find a page of ${PAGE}, newest first`]: (tables) => tables.find(TABLE, { orderBy: newestFirst, limit: PAGE }),
  [`find ${PAGE} of a status`]: (tables, client, n) =>
    tables.find(TABLE, { condition: { $eq: { status: STATUSES[(n + client) % STATUSES.length] } }, limit: PAGE }),
  'update one where its status is the expected': (tables, client, n) => {
    const at = any(n * CLIENTS + client);
    return tables.update(
      TABLE,
      `row-${at}`,
      { $set: { bytes: n } },
      { $eq: { status: STATUSES[at % STATUSES.length] } },
    );
  },
};

async function rate(tables, step) {
  const run = Math.random().toString(36).slice(2);
  const end = performance.now() + SECONDS * 1000;
  let calls = 0;
  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, client) => {
      for (let n = 0; performance.now() < end; n++, calls++) await step(tables, client, n, run);
    }),
  );
  return `${Math.round(calls / SECONDS).toLocaleString('en')}/s`;
}

try {
  console.log(`${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}, load ${loadavg()[0].toFixed(1)}`);
  for (const tables of Object.values(engines)) {
    await tables.ensureTable(TABLE);
    for (let at = 0; at < ROWS; at += PER_CALL)
      await tables.putMany(
        TABLE,
        Array.from({ length: PER_CALL }, (_, index) => row(`row-${at + index}`, at + index)),
      );
  }
  // What runs for the first time costs more than twice as much: the steps are about services that run for days.
  for (const tables of Object.values(engines)) for (const step of Object.values(STEPS)) await rate(tables, step);
  for (const [name, step] of Object.entries(STEPS)) {
    const figures = [];
    for (const [engine, tables] of Object.entries(engines)) figures.push(`${engine} ${await rate(tables, step)}`);
    console.log(`${name}, ${CLIENTS} clients: ${figures.join(', ')}`);
  }
} finally {
  for (const tables of Object.values(engines)) await tables.close();
  await fabric.stop();
  await postgres.stop();
  await rm(directory, { recursive: true });
}
