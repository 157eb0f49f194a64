/** Real fabrics as processes, for the tests of drivers and links. They end with the test's process, whatever happens to it. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

const PROGRAM = path.resolve(import.meta.dirname, '../../../dist/fabric.js');

export class FabricProcess {
  #child: ChildProcess | null = null;
  /** Kept over restarts, so that others find it again. */
  #ports = { kafka: 0, rest: 0 };

  constructor(
    readonly site: string,
    readonly directory: string,
    /** Further options of its command line. */
    readonly options: readonly string[] = [],
  ) {}

  get kafka(): string {
    return `127.0.0.1:${this.#ports.kafka}`;
  }
  get rest(): string {
    return `127.0.0.1:${this.#ports.rest}`;
  }
  get baseUrl(): string {
    return `${this.options.includes('--tls-cert') ? 'https' : 'http'}://${this.rest}`;
  }

  /** Resolves when its doors are open. */
  async start(): Promise<this> {
    const { kafka, rest } = this;
    const own = ['--site', this.site, '--data', this.directory, '--kafka', kafka, '--rest', rest];
    const child = fork(PROGRAM, [...own, ...this.options], { silent: true });
    this.#child = child;
    child.stderr?.resume();
    for await (const line of createInterface({ input: child.stdout! })) {
      const message = JSON.parse(line) as { ready?: boolean; error?: unknown; kafka: number; rest: number };
      if (message.error) throw new Error(line);
      // It logs before it is ready, e.g. that it goes on with a mirror run.
      if (!message.ready) continue;
      this.#ports = { kafka: message.kafka, rest: message.rest };
      child.stdout?.resume();
      return this;
    }
    throw new Error(`The fabric ${this.site} ended before it was ready`);
  }

  /** `SIGKILL` by default: nothing is written, nothing is closed. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
}

export async function temporaryDirectory(): Promise<{ directory: string; remove: () => Promise<void> }> {
  const directory = await mkdtemp(path.join(tmpdir(), 'fieldline-drivers-'));
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}
