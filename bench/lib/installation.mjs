/** The demonstration's HQ and alpha on one machine, as `npm start` runs them, on ports and in a directory of their own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

const root = path.resolve(import.meta.dirname, '../..');
export const PORTS = { app: 23_000, kafka: 23_092, rest: 23_443 };
/** Between the ports of one site and those of the next. */
export const PORT_STEP = 10;

function configure(directory, feeds) {
  const site = (id, n) => ({
    id,
    role: id === 'hq' ? 'hq' : 'edge',
    fabric: { kind: 'embedded', kafkaPort: PORTS.kafka + PORT_STEP * n, restPort: PORTS.rest + PORT_STEP * n },
  });
  const file = path.join(directory, 'fieldline.json');
  writeFileSync(
    file,
    JSON.stringify({ app: { port: PORTS.app }, dataDir: 'data', feeds, sites: [site('hq', 0), site('alpha', 1)] }),
  );
  return file;
}

/** A directory for an installation with these feeds (files or folders); `remove` removes it. */
export function newInstallation(prefix, feeds = [path.join(root, 'feeds')]) {
  const directory = mkdtempSync(path.join(tmpdir(), prefix));
  return {
    directory,
    file: configure(directory, feeds),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** Resolves with the launcher and the seconds from its start until it said that it is ready. */
export async function start(file) {
  const begin = performance.now();
  const launcher = spawn(process.execPath, ['scripts/start.mjs', '--config', file], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: launcher.stdout }))
    if (line.includes('Ready')) return { launcher, seconds: (performance.now() - begin) / 1000 };
  throw new Error('The launcher ended before it was ready');
}

export async function stop(launcher) {
  const ended = once(launcher, 'exit');
  launcher.kill('SIGTERM');
  await ended;
}
