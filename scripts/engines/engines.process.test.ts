/** What the tests with engines rely on: an engine ends with whoever started it, and one that can not be had is told, not missed. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

const directories: string[] = [];
const temporary = () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'fieldline-engines-'));
  directories.push(directory);
  return directory;
};
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** An "engine" that listens, says its process id, and takes no notice of signals that can be caught. */
const ENGINE = `
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined);
  require('node:net').createServer().listen(Number(process.argv[1]), '127.0.0.1', () => {
    require('node:fs').writeFileSync('pid', String(process.pid));
  });
`;
/** Starts that engine as the tests do, says where it is, and waits for its end. */
const PARENT = `
  const { accepts, EngineProcess, engineDirectory, freePorts } = await import(process.argv[1]);
  const [port] = await freePorts(1);
  const directory = engineDirectory('stubborn');
  const args = ['-e', ${JSON.stringify(ENGINE)}, String(port)];
  const engine = new EngineProcess({ name: 'stubborn', directory, command: process.execPath, args, ready: () => accepts(port) });
  await engine.start();
  process.stdout.write(directory);
  setInterval(() => undefined, 1000);
  process.on('message', () => undefined);
`;

describe('an engine', () => {
  const ends: [string, (parent: ChildProcess) => unknown][] = [
    ['the process that started it is killed', (parent) => parent.kill('SIGKILL')],
    ['the runner of that process is gone', (parent) => parent.disconnect()],
  ];
  it.each(ends)('ends, with its data, when %s', async (_name, end) => {
    const library = path.join(import.meta.dirname, 'process.mjs');
    const parent = spawn(process.execPath, ['--input-type=module', '-e', PARENT, library], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    const [directory] = (await once(parent.stdout!, 'data')).map(String) as [string];
    directories.push(directory);
    const pid = Number(readFileSync(path.join(directory, 'pid'), 'utf8'));
    expect(isAlive(pid)).toBe(true);
    end(parent);
    await expect.poll(() => isAlive(pid), { timeout: 30_000 }).toBe(false);
    await expect.poll(() => existsSync(directory), { timeout: 30_000 }).toBe(false);
  });
});

describe('provisioning', () => {
  it('names what can not be had and why, keeps that for the tests, and goes on', () => {
    const cache = temporary();
    const bin = temporary();
    symlinkSync(process.execPath, path.join(bin, 'node'));
    // No java, mvn, go or apt-get in this PATH.
    const script = path.join(import.meta.dirname, 'provision.mjs');
    const said = execFileSync(process.execPath, [script, cache], {
      env: { ...process.env, PATH: bin },
      encoding: 'utf8',
    });
    expect(said).toMatch(/Apache Kafka can not be had: .+\. Its tests are skipped\./);
    expect(said).toMatch(/versitygw \(S3\) can not be had: .+\. Its tests are skipped\./);
    for (const name of ['kafka', 's3']) {
      const { home, why } = JSON.parse(readFileSync(path.join(cache, `${name}.json`), 'utf8'));
      expect(home).toBeNull();
      expect(why).toMatch(/is not installed|apt-get/);
    }
  });
});
