/** A whole installation (launcher, fabrics, app) of a test's own: temporary data, free ports, ended with the test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readProbeNote } from '@/lib/process/probe-note';

const ROOT = path.resolve(import.meta.dirname, '../..');
const READY_TIMEOUT_MS = 90_000;

export interface InstallationOptions {
  sites: readonly string[];
  /** HQ as it is reached, for edges without HQ in the same installation. */
  upstream?: string | object;
  /** HQ's fabric, where that is not an embedded one. */
  hqFabric?: object;
  /** Feed definitions; none when absent. The sample feed is `{ id: 'sample', kind: 'json', url: 'app:/sample/feed.json', ... }`. */
  feeds?: readonly object[];
  /** Merged into the configuration. */
  config?: object;
  /** In a process group of its own, as in a terminal. */
  group?: boolean;
}

export class Installation {
  readonly directory = mkdtempSync(path.join(tmpdir(), 'fieldline-e2e-'));
  #process: ChildProcess | null = null;
  #output = '';

  private constructor(
    readonly options: InstallationOptions,
    readonly appPort: number,
    readonly doors: Record<string, { kafkaPort: number; restPort: number }>,
  ) {}

  static async start(options: InstallationOptions): Promise<Installation> {
    const ports = await freePorts(1 + 2 * options.sites.length);
    const doors = Object.fromEntries(
      options.sites.map((id, n) => [id, { kafkaPort: ports[1 + 2 * n]!, restPort: ports[2 + 2 * n]! }]),
    );
    const installation = new Installation(options, ports[0]!, doors);
    installation.#writeConfiguration();
    try {
      await installation.restart();
    } catch (error) {
      // Nobody has it yet who could stop it.
      await installation.stop();
      throw error;
    }
    return installation;
  }

  get url(): string {
    return `http://127.0.0.1:${this.appPort}`;
  }

  get output(): string {
    return this.#output;
  }

  /** Starts the launcher (again) on the same data, and waits until the app says it is ready. */
  async restart(): Promise<void> {
    const child = spawn(
      process.execPath,
      ['scripts/start.mjs', '--config', path.join(this.directory, 'fieldline.json')],
      // By the channel the launcher hears of our end, also by kill -9, and ends too.
      { cwd: ROOT, detached: this.options.group ?? false, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
    );
    this.#process = child;
    const ended = new Promise<never>((_, reject) =>
      child.once('exit', (code) => reject(new Error(`The launcher ended with ${code}:\n${this.#output}`))),
    );
    ended.catch(() => undefined);
    child.stdout!.on('data', (chunk) => {
      this.#output += chunk;
    });
    child.stderr!.on('data', (chunk) => {
      this.#output += chunk;
    });
    await Promise.race([until('the app is ready', () => this.isReady(), READY_TIMEOUT_MS), ended]);
  }

  /** As a probe of this machine asks; with access control on it takes the key that the launcher noted. */
  async isReady(): Promise<boolean> {
    const note = readProbeNote({ dataDir: path.join(this.directory, 'data'), siteId: this.options.sites[0]! });
    if (!note) return false;
    const headers = { authorization: `Bearer ${note.key}` };
    return (await fetch(`${this.url}/api/health/ready`, { headers })).ok;
  }

  /** The process id of `app-<first site>` or `fabric-<site>`. */
  pid(name: string): number {
    return Number(readFileSync(path.join(this.directory, 'data/run', `${name}.pid`), 'utf8'));
  }

  /** kill -9 of one process; the launcher starts it again. */
  kill(name: string): void {
    process.kill(this.pid(name), 'SIGKILL');
  }

  /** kill -9 of the launcher alone. */
  async killLauncher(): Promise<void> {
    const gone = new Promise<void>((resolve) => this.#process?.once('exit', () => resolve()));
    this.#process?.kill('SIGKILL');
    await gone;
  }

  /** What Ctrl+C in a terminal does: SIGINT to the whole group (`group: true`). Resolves with the launcher's exit code. */
  async interruptGroup(): Promise<number | null> {
    const child = this.#process;
    if (!child?.pid || !this.options.group) throw new Error('The installation has no process group of its own');
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    process.kill(-child.pid, 'SIGINT');
    return ended;
  }

  /** kill -9 of the launcher and all it started. */
  async killAll(): Promise<void> {
    const names = [...this.options.sites.map((id) => `fabric-${id}`), `app-${this.options.sites[0]}`];
    const pids = names.map((name) => this.pid(name));
    const gone = new Promise<void>((resolve) => this.#process?.once('exit', () => resolve()));
    this.#process?.kill('SIGKILL');
    for (const pid of pids) signal(pid, 'SIGKILL');
    await gone;
    await until('every killed process is gone', async () => !pids.some((pid) => signal(pid, 0)));
  }

  /** Ends everything in order, and keeps the data for a `restart`. */
  async end(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    await gone;
  }

  /** Ends everything in order and removes the data. */
  async stop(): Promise<void> {
    await this.end();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Calls the web API; throws with the problem's text on anything but 2xx. */
  async api<T>(call: string, init?: { method?: string; body?: unknown }): Promise<T> {
    const response = await fetch(`${this.url}${call}`, {
      method: init?.method ?? 'GET',
      ...(init?.body === undefined
        ? {}
        : { body: JSON.stringify(init.body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${init?.method ?? 'GET'} ${call}: ${response.status} ${text}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }

  #writeConfiguration(): void {
    const { sites, upstream, hqFabric, feeds, config } = this.options;
    const feedFile = path.join(this.directory, 'feeds.json');
    writeFileSync(feedFile, JSON.stringify(feeds ?? []));
    writeFileSync(
      path.join(this.directory, 'fieldline.json'),
      JSON.stringify({
        app: { port: this.appPort },
        dataDir: 'data',
        feeds: [feedFile],
        sites: sites.map((id) => ({
          id,
          role: id === 'hq' ? 'hq' : 'edge',
          fabric: id === 'hq' && hqFabric ? hqFabric : { kind: 'embedded', ...this.doors[id] },
          ...(upstream && id !== 'hq' ? { upstream } : {}),
        })),
        ...config,
      }),
    );
  }
}

/** Sends a signal; false when there is no such process (any more). */
function signal(pid: number, what: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, what);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Polls until `condition` holds; errors on the way count as not yet. Fails after `timeoutMs` with the last one. */
export async function until(what: string, condition: () => Promise<boolean>, timeoutMs = 60_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      if (await condition()) return;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`Timed out waiting until ${what}`, { cause: last });
}

/** Below the range from which systems take the ports of outgoing connections: one of those would be gone before it is bound. */
const PORT_MIN = 20_000;
const PORT_MAX = 32_000;

export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = PORT_MIN + Math.floor(Math.random() * (PORT_MAX - PORT_MIN));
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  const free = await new Promise<boolean>((resolve) => {
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => resolve(true));
  });
  if (free) await new Promise((resolve) => probe.close(resolve));
  return free;
}
