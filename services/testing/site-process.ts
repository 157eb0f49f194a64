import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { build } from 'esbuild';
import type { Question } from './site-program';

const ROOT = path.resolve(import.meta.dirname, '../..');
const PROGRAM = path.join(ROOT, 'dist/testing/site.js');

/** Once before the first process. */
export async function buildSiteProgram(): Promise<void> {
  await build({
    entryPoints: [path.join(ROOT, 'services/testing/site-program.ts')],
    alias: { '@': ROOT },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    outfile: PROGRAM,
  });
}

/** A site of a mission as a process that a test asks, kills and starts again; see site-program. */
export class SiteProcess {
  #child: ChildProcess | null = null;
  #asked = 0;

  constructor(
    readonly configFile: string,
    readonly namesFile: string,
  ) {}

  start(): this {
    const child = fork(PROGRAM, [this.configFile, this.namesFile], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    child.setMaxListeners(0);
    this.#child = child;
    return this;
  }

  /** Fails with what the site fails with, or when it is not there. */
  ask<T>(question: Question, argument: string[] = []): Promise<T> {
    const child = this.#child;
    if (!child?.connected) return Promise.reject(new Error(`${this.configFile} does not run`));
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      const forget = () => {
        child.off('message', onMessage);
        child.off('exit', onExit);
      };
      const onMessage = (message: { id: number; answer?: T; error?: { code: string | null; message: string } }) => {
        if (message.id !== id) return;
        forget();
        if (message.error) reject(Object.assign(new Error(message.error.message), { code: message.error.code }));
        else resolve(message.answer as T);
      };
      const onExit = () => {
        forget();
        reject(new Error(`${this.configFile} ended`));
      };
      child.on('message', onMessage);
      child.once('exit', onExit);
      child.send({ id, question, argument });
    });
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
}
