/**
 * The Kafka door through librdkafka: MB/s in with fsync, MB/s out, resident memory. Starts a fabric of its own on a temporary directory and
 * removes both. The client is bench/kafka-client.c, compiled here: a program that prints or copies its records is slower than the door.
 * Needs a C compiler and librdkafka's headers (Debian: gcc, librdkafka-dev).
 *
 *   node bench/kafka-door.mjs [--mb 400] [--runs 3] [--directory DIR]
 *
 * Records of 1 KiB; acks=all, batches up to 1 MB, one partition. Beside each figure stands the processor time the fabric took
 * for it, and what the disk itself does with the same writes, since a shared machine or a slow disk may be what is measured.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startFabric } from './lib/fabric.mjs';

const root = path.resolve(import.meta.dirname, '..');
const MB = 1024 * 1024;
const RECORD_BYTES = 1024;
/** What the log writes and syncs at once under load: several batches. */
const DISK_WRITE_BYTES = 8 * MB;
/** Processor time in /proc is counted in hundredths of a second on every Linux we know. */
const TICKS_PER_SECOND = 100;
const IDLE_WAIT_MS = 5000;
const PRODUCER = ['acks=all', 'linger.ms=5', 'batch.size=1000000', 'queue.buffering.max.messages=1000000'];
/** With librdkafka's own queue of 64 MB it pauses for a second whenever that is full. */
const CONSUMER = ['queued.min.messages=1000000', 'queued.max.messages.kbytes=1000000'];

const { values: options } = parseArgs({
  options: { mb: { type: 'string' }, runs: { type: 'string' }, directory: { type: 'string' } },
});
const megabytes = Number(options.mb ?? 400);
const runs = Number(options.runs ?? 3);

const directory = mkdtempSync(path.join(options.directory ?? tmpdir(), 'fieldline-bench-'));
const client = path.join(directory, 'kafka-client');
execFileSync('cc', ['-O2', '-o', client, path.join(root, 'bench/kafka-client.c'), '-lrdkafka'], { stdio: 'inherit' });

/** MB/s of one writer that syncs after each write. */
function diskRate() {
  const file = openSync(path.join(directory, 'disk'), 'w');
  const buffer = Buffer.alloc(DISK_WRITE_BYTES, 'x');
  const start = performance.now();
  for (let written = 0; written < megabytes * MB; written += buffer.length) {
    writeSync(file, buffer);
    fdatasyncSync(file);
  }
  const rate = megabytes / ((performance.now() - start) / 1000);
  closeSync(file);
  return rate;
}

const residentMb = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
const processorSeconds = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
};

/** Runs the client and returns its MB/s and the fabric's processor time. */
function measure(fabric, action, topic, properties) {
  const before = processorSeconds(fabric.pid);
  const records = (megabytes * MB) / RECORD_BYTES;
  const args = [action, `127.0.0.1:${fabric.kafkaPort}`, topic, String(records), String(RECORD_BYTES), ...properties];
  const seconds = Number(execFileSync(client, args, { stdio: ['ignore', 'pipe', 'inherit'] }));
  return { rate: megabytes / seconds, processor: processorSeconds(fabric.pid) - before };
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const show = (label, { rate, processor }) =>
  console.log(`  ${label} ${rate.toFixed(0)} MB/s (fabric: ${processor.toFixed(2)} s of processor time)`);

try {
  const fabric = await startFabric({ site: 'hq', directory: path.join(directory, 'data') });
  await sleep(IDLE_WAIT_MS);
  console.log(`${megabytes} MB in records of ${RECORD_BYTES} B, load average ${loadavg()[0].toFixed(1)}`);
  console.log(`resident when idle: ${residentMb(fabric.pid).toFixed(0)} MB`);
  for (let run = 1; run <= runs; run++) {
    console.log(`run ${run}; the disk alone, ${DISK_WRITE_BYTES / MB} MB a sync: ${diskRate().toFixed(0)} MB/s`);
    show('in, fsynced:', measure(fabric, 'produce', `bench${run}`, PRODUCER));
    show('out:        ', measure(fabric, 'consume', `bench${run}`, CONSUMER));
  }
  console.log(`resident after the load: ${residentMb(fabric.pid).toFixed(0)} MB`);
  await sleep(IDLE_WAIT_MS * 4);
  console.log(`resident ${(IDLE_WAIT_MS * 4) / 1000} s later: ${residentMb(fabric.pid).toFixed(0)} MB`);
  await fabric.stop();
} finally {
  rmSync(directory, { recursive: true, force: true });
}
