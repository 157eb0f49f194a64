/**
 * Replication from HQ to an edge, both embedded fabrics: records a second with a backlog, lag at a steady rate, resident memory.
 * Starts two fabrics of its own on a temporary directory and removes both.
 *
 *   node bench/replication.mjs [--records 300000] [--seconds 20] [--rate 1000] [--batch 100]
 *
 * Records are 1 KiB, uncompressed, one partition. The lag is from the producer's time stamp to a kafkajs consumer at the edge that has
 * the record in hand: two fsyncs, two long polls and a consumer more than the link alone.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { buildPrograms } from '../scripts/lib/build.mjs';

const root = path.resolve(import.meta.dirname, '..');
const RECORD_BYTES = 1024;
const MB = 1024 * 1024;
const STREAM = '/bench/replicated';
const BACKLOG = 'bench.replicated.BACKLOG';
const STEADY = 'bench.replicated.STEADY';
/** The producer sends this often; a rate of 1000 then is 10 records a time. */
const TICK_MS = 10;
const TICKS_PER_SECOND = 100;

const { values: options } = parseArgs({
  options: {
    records: { type: 'string' },
    seconds: { type: 'string' },
    rate: { type: 'string' },
    batch: { type: 'string' },
  },
});
const records = Number(options.records ?? 300_000);
const seconds = Number(options.seconds ?? 20);
const rate = Number(options.rate ?? 1000);
const batch = Number(options.batch ?? 100);

await buildPrograms(root);
const directory = mkdtempSync(path.join(tmpdir(), 'fieldline-bench-'));
const fabrics = [];

async function start(site) {
  const doors = ['--kafka', '127.0.0.1:0', '--rest', '127.0.0.1:0'];
  const program = path.join(root, 'dist/fabric.js');
  const child = fork(program, ['--site', site, '--data', path.join(directory, site), ...doors], { silent: true });
  child.stderr.resume();
  for await (const line of createInterface({ input: child.stdout })) {
    const fabric = { site, child, ...JSON.parse(line) };
    if (!fabric.ready) throw new Error(line);
    child.stdout.resume();
    fabric.client = new Kafka({ brokers: [`127.0.0.1:${fabric.kafka}`], logLevel: logLevel.NOTHING });
    fabrics.push(fabric);
    return fabric;
  }
}

async function call(fabric, method, command, parameters) {
  const url = `http://127.0.0.1:${fabric.rest}/rest/${command}?${new URLSearchParams(parameters)}`;
  const answer = await (await fetch(url, { method })).json();
  if (answer.status !== 'OK') throw new Error(`${command}: ${JSON.stringify(answer.errors)}`);
  return answer.data;
}

const residentMb = (fabric) => {
  const status = readFileSync(`/proc/${fabric.child.pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024);
};
const cpuSeconds = (fabric) => {
  const fields = readFileSync(`/proc/${fabric.child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
};
const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

async function until(check) {
  while (!(await check())) await new Promise((resolve) => setTimeout(resolve, 20));
}

try {
  const hq = await start('hq');
  const edge = await start('edge');
  const admin = hq.client.admin();
  await admin.connect();
  await admin.createTopics({ topics: [BACKLOG, STEADY].map((topic) => ({ topic, numPartitions: 1 })) });
  await call(edge, 'POST', 'cluster/gateway/set', { dstcluster: 'hq', gateways: `127.0.0.1:${hq.rest}` });
  const pair = { path: `/mapr/hq${STREAM}`, replica: STREAM };
  await call(edge, 'POST', 'stream/replica/autosetup', { ...pair, inbound: 'BACKLOG,STEADY' });
  const info = async () => (await call(edge, 'GET', 'link/info', { path: STREAM }))[0].inbound;
  await until(async () => (await info()).state === 'up');
  console.log(`machine: ${cpus().length} x ${cpus()[0].model}, load ${loadavg()[0].toFixed(1)}`);

  await call(edge, 'POST', 'stream/replica/pause', pair);
  const producer = hq.client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const value = 'x'.repeat(RECORD_BYTES);
  for (let sent = 0; sent < records; sent += batch)
    await producer.send({
      topic: BACKLOG,
      messages: Array.from({ length: Math.min(batch, records - sent) }, () => ({ value })),
    });
  const cpuBefore = fabrics.map(cpuSeconds);
  const began = performance.now();
  await call(edge, 'POST', 'stream/replica/resume', pair);
  await until(async () => (await info()).recordsTotal >= records);
  const took = (performance.now() - began) / 1000;
  const cpu = fabrics.map((fabric, index) => cpuSeconds(fabric) - cpuBefore[index]);
  console.log(
    `backlog: ${records} records of 1 KiB in batches of ${batch}: ${Math.round(records / took)} records/s, ` +
      `${((records * RECORD_BYTES) / MB / took).toFixed(0)} MB/s; processor time hq ${cpu[0].toFixed(1)} s, edge ${cpu[1].toFixed(1)} s of ${took.toFixed(1)} s`,
  );
  console.log(`resident after it: hq ${residentMb(hq)} MB, edge ${residentMb(edge)} MB`);

  const consumer = edge.client.consumer({ groupId: 'bench', maxWaitTimeInMs: 500 });
  await consumer.connect();
  await consumer.subscribe({ topics: [STEADY], fromBeginning: true });
  const lags = [];
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch: received }) => {
      const now = Date.now();
      for (const message of received.messages) lags.push(now - Number(message.timestamp));
    },
  });
  const perTick = Math.round((rate * TICK_MS) / 1000);
  const total = rate * seconds;
  const pending = [];
  const startedAt = performance.now();
  for (let tick = 0; tick * perTick < total; tick++) {
    const dueMs = startedAt + tick * TICK_MS - performance.now();
    if (dueMs > 0) await new Promise((resolve) => setTimeout(resolve, dueMs));
    const timestamp = String(Date.now());
    pending.push(
      producer.send({ topic: STEADY, messages: Array.from({ length: perTick }, () => ({ value, timestamp })) }),
    );
  }
  await Promise.all(pending);
  await until(async () => lags.length >= total);
  lags.sort((a, b) => a - b);
  console.log(
    `steady: ${rate} records/s for ${seconds} s: lag p50 ${percentile(lags, 0.5)} ms, p99 ${percentile(lags, 0.99)} ms, ` +
      `max ${lags.at(-1)} ms; resident hq ${residentMb(hq)} MB, edge ${residentMb(edge)} MB`,
  );
  await consumer.disconnect();
  await producer.disconnect();
  await admin.disconnect();
} finally {
  for (const { child } of fabrics) {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  }
  rmSync(directory, { recursive: true, force: true });
}
