/**
 * Start to ready, and memory at rest: HQ and alpha on one machine, as `npm start` runs them, installed and built before.
 *
 *   node bench/start.mjs [starts, default 3] [seconds at rest, default 60]
 *
 * The sample feed is on, so that the app has downloaded and drawn pictures before it rests. Resident memory is counted as the system counts
 * it, pages shared between the processes once in each.
 */
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { newInstallation, start, stop } from './lib/installation.mjs';

const starts = Number(process.argv[2] ?? 3);
const restSeconds = Number(process.argv[3] ?? 60);

const residentMb = (pid) =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024);

const installation = newInstallation('bench-start-');
try {
  const { file, directory } = installation;
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
  installation.remove();
}
