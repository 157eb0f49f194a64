/**
 * The DAG door of an embedded fabric as a process of its own, over HTTP on loopback: single durable inserts a second, and the time of
 * point reads, alone and while others write.
 *
 *   node bench/dag-door.mjs [seconds a step, default 5]
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startFabric } from './lib/fabric.mjs';

const SECONDS = Number(process.argv[2] ?? 5);
const CLIENTS = 16;
const TABLE = '/api/v2/table/%2Fbench%2Fassets';
/** An asset row without a preview. */
const FILLER = 'x'.repeat(700);

const directory = await mkdtemp(path.join(tmpdir(), 'bench-dag-'));
const fabric = await startFabric({ site: 'hq', directory });
const port = fabric.restPort;
const agent = new http.Agent({ keepAlive: true, maxSockets: CLIENTS + 1 });

/** Resolves with the status once the body is read. */
function call(method, target, body) {
  return new Promise((resolve, reject) => {
    const payload = body === undefined ? undefined : Buffer.from(body);
    const headers = payload ? { 'content-length': payload.length, 'content-type': 'application/json' } : {};
    const request = http.request({ host: '127.0.0.1', port, agent, method, path: target, headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(payload);
  });
}

const row = (id) =>
  JSON.stringify({
    _id: id,
    status: 'available',
    feed: 'sample',
    bytes: 123456,
    updatedAt: new Date().toISOString(),
    filler: FILLER,
  });

/** CPU time of the fabric so far in ms, or NaN where /proc is missing: tells its own cost from that of a busy machine. */
async function cpuMs() {
  const stat = await readFile(`/proc/${fabric.pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10; // utime + stime, in ticks of 10 ms.
}

/** Runs `work(client, i)` in a loop for each client, for SECONDS, and prints what came of it. */
async function measure(name, clients, work) {
  const times = [];
  const cpu = await cpuMs();
  const end = performance.now() + SECONDS * 1000;
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      for (let i = 0; performance.now() < end; i++) {
        const begun = performance.now();
        const status = await work(client, i);
        if (status !== 200) throw new Error(`status ${status}`);
        times.push(performance.now() - begun);
      }
    }),
  );
  const cpuEach = (((await cpuMs()) - cpu) * 1000) / times.length;
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))].toFixed(2);
  const rate = String(Math.round(times.length / SECONDS)).padStart(6);
  console.log(
    `${name.padEnd(46)} ${rate}/s   p50 ${at(0.5)} ms   p99 ${at(0.99)} ms   fabric's CPU ${Math.round(cpuEach)} us each`,
  );
  return times.length;
}

try {
  await call('PUT', TABLE);
  const insert = (prefix) => (client, i) => call('POST', `${TABLE}?mode=insert`, row(`${prefix}-${client}-${i}`));
  await measure('(warming up)', CLIENTS, insert('warm'));
  const inserted = await measure(`durable inserts, ${CLIENTS} clients`, CLIENTS, insert('row'));

  const known = Math.floor(inserted / CLIENTS / 2);
  const read = (client, i) => call('GET', `${TABLE}/document/row-${client}-${(i * 7919) % known}`);
  await measure('point reads, 1 client', 1, read);
  await measure(`point reads, ${CLIENTS} clients`, CLIENTS, read);

  let reading = true;
  const writing = Promise.all(
    Array.from({ length: 4 }, async (_, client) => {
      for (let i = 0; reading; i++) await insert('meanwhile')(client, i);
    }),
  );
  await measure('point reads, 1 client, while 4 clients insert', 1, read);
  reading = false;
  await writing;

  const bulk = Array.from({ length: 500 }, (_, i) => i % known);
  const mutation = { $put: { status: 'ready' } };
  await measure('bulk updates of 500 documents, 1 client', 1, (client, i) =>
    call(
      'POST',
      `${TABLE}?mode=update`,
      JSON.stringify(bulk.map((n) => ({ _id: `row-${client}-${n}`, mutation, condition: { $ne: { n: i } } }))),
    ),
  );
} finally {
  agent.destroy();
  await fabric.stop();
  await rm(directory, { recursive: true });
}
