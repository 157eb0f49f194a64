/**
 * Start to ready, and memory at rest: HQ and alpha on one machine, as `npm start` runs them, installed and built before.
 *
 *   node bench/start.mjs [starts, default 3] [seconds at rest, default 60]
 *
 * The sample feed is on, so that the app has downloaded and drawn pictures before it rests. Resident memory is counted as the system counts
 * it, pages shared between the processes once in each.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const root = path.resolve(import.meta.dirname, '..');
const starts = Number(process.argv[2] ?? 3);
const restSeconds = Number(process.argv[3] ?? 60);
const PORTS = { app: 23_000, kafka: 23_092, rest: 23_443 };

function configure(directory) {
  const site = (id, n) => ({
    id,
    role: id === 'hq' ? 'hq' : 'edge',
    fabric: { kind: 'embedded', kafkaPort: PORTS.kafka + 10 * n, restPort: PORTS.rest + 10 * n },
  });
  const file = path.join(directory, 'fieldline.json');
  const feeds = [path.join(root, 'feeds')];
  writeFileSync(
    file,
    JSON.stringify({ app: { port: PORTS.app }, dataDir: 'data', feeds, sites: [site('hq', 0), site('alpha', 1)] }),
  );
  return file;
}

/** Resolves with the launcher and the seconds from its start until it said that it is ready. */
async function start(file) {
  const begin = performance.now();
  const launcher = spawn(process.execPath, ['scripts/start.mjs', '--config', file], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: launcher.stdout }))
    if (line.includes('Ready')) return { launcher, seconds: (performance.now() - begin) / 1000 };
  throw new Error('The launcher ended before it was ready');
}

async function stop(launcher) {
  const ended = once(launcher, 'exit');
  launcher.kill('SIGTERM');
  await ended;
}

const residentMb = (pid) =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024);

const directory = mkdtempSync(path.join(tmpdir(), 'bench-start-'));
try {
  const file = configure(directory);
  console.log(`load average ${loadavg()[0].toFixed(1)}`);
  for (let n = 1; n <= starts; n++) {
    const { launcher, seconds } = await start(file);
    console.log(`start ${n}${n === 1 ? ' (new data)' : ''}: ready after ${seconds.toFixed(2)} s`);
    if (n < starts) {
      await stop(launcher);
      continue;
    }
    await sleep(restSeconds * 1000);
    const processes = ['app-hq', 'fabric-hq', 'fabric-alpha'].map((name) => {
      const pid = Number(readFileSync(path.join(directory, 'data/run', `${name}.pid`), 'utf8'));
      return [name, residentMb(pid)];
    });
    const sum = processes.reduce((total, [, mb]) => total + mb, 0);
    console.log(
      `resident after ${restSeconds} s: ${processes.map(([name, mb]) => `${name} ${mb} MB`).join(', ')}; together ${sum} MB (launcher ${residentMb(launcher.pid)} MB)`,
    );
    await stop(launcher);
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
