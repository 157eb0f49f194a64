/**
 * Replication from HQ to an edge, side by side in one run: (a) MirrorMaker 2 between two Kafka brokers, (b) Kafka to an embedded edge,
 * (c) embedded to embedded. Records a second with a backlog, lag at a steady rate, resident memory of all processes that take part.
 * Starts all it needs on temporary directories, one pair after the other, and removes it. (a) and (b) need the engines: npm run test:engines.
 *
 *   node bench/links.mjs [--pairs abc] [--records 200000] [--seconds 20] [--rate 1000] [--batch 100] [--java shipped|small]
 *
 * Records are 1 KiB, uncompressed, one partition. The backlog counts from the resume of a link that works already to the last record at
 * the edge. The lag is from the producer's time stamp to a kafkajs consumer at the edge that has the record in hand. Java runs as Kafka's
 * own start scripts run it, or as in our tests, with heaps of 256 MB (scripts/engines/kafka.mjs).
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { startConnect, startKafka } from '../scripts/engines/kafka.mjs';
import { importTypeScript } from '../scripts/import-typescript.mjs';
import { startFabric } from './lib/fabric.mjs';

const RECORD_BYTES = 1024;
const MB = 1024 * 1024;
const STREAM = '/bench/replicated';
const BACKLOG = 'bench.replicated.BACKLOG';
const STEADY = 'bench.replicated.STEADY';
/** The producer sends this often; a rate of 1000 then is 10 records a time. */
const TICK_MS = 10;
const TICKS_PER_SECOND = 100;
/** After so long without a load, what it needed has been let go of. */
const REST_MS = 10_000;

const { values: options } = parseArgs({
  options: {
    pairs: { type: 'string', default: 'abc' },
    records: { type: 'string', default: '200000' },
    seconds: { type: 'string', default: '20' },
    rate: { type: 'string', default: '1000' },
    batch: { type: 'string', default: '100' },
    java: { type: 'string', default: 'shipped' },
  },
});
const records = Number(options.records);
const seconds = Number(options.seconds);
const rate = Number(options.rate);
const batch = Number(options.batch);
const { java } = options;

const value = 'x'.repeat(RECORD_BYTES);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
const clientOf = (broker) => new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING });
const residentMb = (pid) =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024);
const cpuSeconds = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
};
async function until(check) {
  while (!(await check())) await sleep(20);
}

/** What a pair needs while it is measured; ended in the reverse order. */
const running = [];
async function kept(starting) {
  const one = await starting;
  running.push(one);
  return one;
}

/** A fabric as a party of a pair: its doors, its admin commands. */
async function startParty(site) {
  const directory = mkdtempSync(path.join(tmpdir(), 'fieldline-bench-'));
  const fabric = await startFabric({ site, directory });
  const rest = `127.0.0.1:${fabric.restPort}`;
  const call = async (method, command, parameters) => {
    const answer = await (
      await fetch(`http://${rest}/rest/${command}?${new URLSearchParams(parameters)}`, { method })
    ).json();
    if (answer.status !== 'OK') throw new Error(`${command}: ${JSON.stringify(answer.errors)}`);
    return answer.data;
  };
  const stop = async () => {
    await fabric.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  return { broker: `127.0.0.1:${fabric.kafkaPort}`, rest, call, pid: () => fabric.pid, stop };
}

/** A link of an embedded edge with HQ, which is given by one of its doors. */
async function embeddedLink(edge, upstream) {
  await edge.call('POST', 'cluster/gateway/set', { dstcluster: 'hq', gateways: upstream });
  const pair = { path: `/mapr/hq${STREAM}`, replica: STREAM };
  await edge.call('POST', 'stream/replica/autosetup', { ...pair, inbound: 'BACKLOG,STEADY' });
  return {
    pause: () => edge.call('POST', 'stream/replica/pause', pair),
    resume: () => edge.call('POST', 'stream/replica/resume', pair),
    close: async () => undefined,
  };
}

const PAIRS = {
  a: {
    title: 'MirrorMaker 2 between two Kafka brokers',
    async start() {
      const hq = await kept(startKafka({ java }));
      const edge = await kept(startKafka({ java }));
      const connect = await kept(startConnect({ broker: edge.broker, java }));
      const link = async () => {
        const { createConnectLinks } = await importTypeScript('lib/drivers/connect/index.ts');
        const links = createConnectLinks({
          connect: { baseUrl: connect.url },
          mission: 'bench',
          site: 'edge',
          hq: { brokers: hq.brokers },
          edge: { brokers: edge.brokers },
          inbound: ['BACKLOG', 'STEADY'],
          outbound: ['OUT.edge'],
        });
        await links.ensureLink();
        return {
          pause: () => links.pause('inbound'),
          resume: () => links.resume('inbound'),
          close: () => links.close(),
        };
      };
      return { hq, edge, link, processes: { 'Kafka at HQ': hq, 'Kafka at the edge': edge, 'Kafka Connect': connect } };
    },
  },
  b: {
    title: 'Kafka to an embedded edge',
    async start() {
      const hq = await kept(startKafka({ java }));
      const edge = await kept(startParty('edge'));
      const link = () => embeddedLink(edge, hq.broker);
      return { hq, edge, link, processes: { 'Kafka at HQ': hq, 'fabric at the edge': edge } };
    },
  },
  c: {
    title: 'embedded to embedded',
    async start() {
      const hq = await kept(startParty('hq'));
      const edge = await kept(startParty('edge'));
      const link = () => embeddedLink(edge, hq.rest);
      return { hq, edge, link, processes: { 'fabric at HQ': hq, 'fabric at the edge': edge } };
    },
  },
};

async function measure({ title, start }) {
  const { hq, edge, link: declare, processes } = await start();
  const source = clientOf(hq.broker);
  const target = clientOf(edge.broker);
  const [admin, there] = [source.admin(), target.admin()];
  await Promise.all([admin.connect(), there.connect()]);
  await admin.createTopics({ topics: [BACKLOG, STEADY].map((topic) => ({ topic, numPartitions: 1 })) });
  const producer = source.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  for (const topic of [BACKLOG, STEADY]) await producer.send({ topic, messages: [{ value }] });
  const link = await declare();
  const arrived = async (topic) => {
    if (!(await there.listTopics()).includes(topic)) return 0;
    return Number((await there.fetchTopicOffsets(topic))[0].high);
  };
  await until(async () => (await arrived(BACKLOG)) >= 1 && (await arrived(STEADY)) >= 1);

  await link.pause();
  for (let sent = 0; sent < records; sent += batch)
    await producer.send({
      topic: BACKLOG,
      messages: Array.from({ length: Math.min(batch, records - sent) }, () => ({ value })),
    });
  const pids = Object.entries(processes).map(([name, { pid }]) => [name, pid()]);
  const cpuBefore = pids.map(([, pid]) => cpuSeconds(pid));
  const resumedAt = performance.now();
  await link.resume();
  // A paused task of Connect wakes in its own time: the rate is that of the carrying.
  await until(async () => (await arrived(BACKLOG)) > 1);
  const [startedAt, before] = [performance.now(), await arrived(BACKLOG)];
  await until(async () => (await arrived(BACKLOG)) >= records + 1);
  const endedAt = performance.now();
  const took = (endedAt - startedAt) / 1000;
  const perSecond = Math.round((records + 1 - before) / took);
  const wholeMs = Math.round(endedAt - resumedAt);
  const used = pids.map(([name, pid], index) => `${name} ${(cpuSeconds(pid) - cpuBefore[index]).toFixed(1)} s`);
  const resident = () => pids.map(([name, pid]) => [name, residentMb(pid)]);
  console.log(`\n${title}`);
  console.log(
    `  backlog of ${records}: ${perSecond} records/s (${Math.round((perSecond * RECORD_BYTES) / MB)} MB/s), ` +
      `${wholeMs} ms from the resume on; processor time ${used.join(', ')}`,
  );

  const lags = await steady(producer, target);
  const memory = resident();
  const total = memory.reduce((sum, [, mb]) => sum + mb, 0);
  console.log(
    `  ${rate} records/s for ${seconds} s: lag p50 ${percentile(lags, 0.5)} ms, p99 ${percentile(lags, 0.99)} ms, max ${lags.at(-1)} ms`,
  );
  const parts = (figures) => figures.map(([name, mb]) => `${name} ${mb}`).join(', ');
  console.log(`  resident: ${total} MB (${parts(memory)})`);
  await sleep(REST_MS);
  console.log(`  resident after ${REST_MS / 1000} s of rest: ${parts(resident())}`);
  await link.close();
  await Promise.all([producer.disconnect(), admin.disconnect(), there.disconnect()]);
  return { title, perSecond, p50: percentile(lags, 0.5), p99: percentile(lags, 0.99), total };
}

/** Sorted lags in ms. */
async function steady(producer, target) {
  const consumer = target.consumer({ groupId: 'bench', maxWaitTimeInMs: 500 });
  await consumer.connect();
  await consumer.subscribe({ topics: [STEADY], fromBeginning: true });
  const lags = [];
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch: received }) => {
      const now = Date.now();
      for (const message of received.messages) if (message.key) lags.push(now - Number(message.timestamp));
    },
  });
  const perTick = Math.round((rate * TICK_MS) / 1000);
  const total = rate * seconds;
  const pending = [];
  const startedAt = performance.now();
  for (let tick = 0; tick * perTick < total; tick++) {
    const dueMs = startedAt + tick * TICK_MS - performance.now();
    if (dueMs > 0) await sleep(dueMs);
    const timestamp = String(Date.now());
    pending.push(
      producer.send({
        topic: STEADY,
        messages: Array.from({ length: perTick }, () => ({ key: 'steady', value, timestamp })),
      }),
    );
  }
  await Promise.all(pending);
  await until(async () => lags.length >= total);
  await consumer.disconnect();
  return lags.sort((a, b) => a - b);
}

console.log(`machine: ${cpus().length} x ${cpus()[0].model}, load ${loadavg()[0].toFixed(1)}`);
const seen = [];
for (const pair of options.pairs) {
  try {
    seen.push(await measure(PAIRS[pair]));
  } finally {
    for (const one of running.splice(0).reverse()) await one.stop();
  }
}
const [first] = seen;
if (options.pairs.startsWith('a'))
  for (const { title, perSecond, total } of seen.slice(1))
    console.log(
      `\n${title}: ${(perSecond / first.perSecond).toFixed(1)} times the rate of MirrorMaker 2, ` +
        `${((100 * total) / first.total).toFixed(0)} % of its memory`,
    );
console.log(`load ${loadavg()[0].toFixed(1)}`);
process.exit(0);
