/** One engine as a process with a directory of its own: started, killed, started again, removed. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

const READY_MS_MAX = 90_000;
const READY_POLL_MS = 100;
const STOP_MS_MAX = 10_000;
const LOG_TAIL_CHARACTERS = 3000;
const GUARD = path.join(import.meta.dirname, 'guard.mjs');

/** Below the range from which systems take the ports of outgoing connections: one of those would be gone before it is bound. */
const PORT_MIN = 20_000;
const PORT_MAX = 32_000;

/**
 * Ports nobody listens on now.
 * @param {number} count
 * @returns {Promise<number[]>}
 */
export async function freePorts(count) {
  const ports = new Set();
  while (ports.size < count) {
    const port = PORT_MIN + Math.floor(Math.random() * (PORT_MAX - PORT_MIN));
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

async function isFree(port) {
  const probe = createServer();
  const free = await new Promise((resolve) => {
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => resolve(true));
  });
  if (free) await new Promise((resolve) => probe.close(resolve));
  return free;
}

/**
 * Whether something accepts connections there.
 * @param {number} port
 * @returns {Promise<boolean>}
 */
export function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const answer = (yes) => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}

/**
 * An empty directory, of the given user where one is given.
 * @param {string} name
 * @param {{ uid: number, gid: number } | null} [owner]
 * @param {string} [parent]
 */
export function engineDirectory(name, owner = null, parent = tmpdir()) {
  const directory = mkdtempSync(path.join(parent, `fieldline-${name}-`));
  if (owner) chownSync(directory, owner.uid, owner.gid);
  return directory;
}

let isWatching = false;
/** A test's process, which its runner forked, goes on to the end of its file when the runner is killed: not with engines. */
function endWithRunner() {
  if (isWatching || !process.connected) return;
  isWatching = true;
  process.once('disconnect', () => process.exit(1));
}

export class EngineProcess {
  #child = null;

  /**
   * @param {{ name: string, directory: string, command: string, args: string[], env?: Record<string, string>,
   *   owner?: { uid: number, gid: number } | null, ready: () => Promise<boolean>, stopSignal?: NodeJS.Signals }} options
   */
  constructor(options) {
    this.options = options;
    this.logFile = path.join(options.directory, 'engine.log');
  }

  /** Resolves when it answers; fails with the end of its log when it ends before, or is not ready in time. */
  async start() {
    endWithRunner();
    const { name, directory, command, args, env, owner, ready } = this.options;
    const log = openSync(this.logFile, 'a');
    const spec = JSON.stringify({ command, args, cwd: directory, env, ...owner });
    const child = fork(GUARD, [spec], { stdio: ['ignore', log, log, 'ipc'], execArgv: [] });
    closeSync(log);
    this.#child = child;
    const deadline = Date.now() + READY_MS_MAX;
    while (!(await ready())) {
      const ended = child.exitCode !== null || child.signalCode !== null;
      if (!ended && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
        continue;
      }
      const said = readFileSync(this.logFile, 'utf8').slice(-LOG_TAIL_CHARACTERS);
      await this.kill();
      throw new Error(`${name} ${ended ? 'ended before it was ready' : 'was not ready in time'}:\n${said}`);
    }
    return this;
  }

  /** Of the engine itself, on Linux. */
  pid() {
    const guard = this.#child?.pid;
    return Number(readFileSync(`/proc/${guard}/task/${guard}/children`, 'utf8').trim().split(' ')[0]);
  }

  /**
   * Ends it and waits for its end; its data stay, `start` goes on with them.
   * @param {NodeJS.Signals} [signal] by default SIGKILL: nothing is written, nothing is closed
   */
  async kill(signal = 'SIGKILL') {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.send({ signal });
    const late = setTimeout(() => child.connected && child.send({ signal: 'SIGKILL' }), STOP_MS_MAX);
    await exited;
    clearTimeout(late);
  }

  /** Ends it in order and removes its data. */
  async stop() {
    await this.kill(this.options.stopSignal ?? 'SIGTERM');
    rmSync(this.options.directory, { recursive: true, force: true });
  }
}
