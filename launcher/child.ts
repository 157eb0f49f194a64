import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type BackoffLimits, backoffMs } from '@/lib/clock/backoff';
import { systemClock } from '@/lib/clock/clock';
import { asFieldlineError, FieldlineError } from '@/lib/errors';
import { START_MESSAGE } from '@/lib/process/start-signal';
import type { ChildLog } from './log-file';
import type { ProcessMemory } from './process-memory';

const RESTART_BACKOFF: BackoffLimits = { minMs: 500, maxMs: 30_000 };
/** A child that ran this long starts its backoff anew. */
const STABLE_AFTER_MS = 60_000;

export interface ChildOptions {
  /** What it is called in sentences: "the fabric of hq". */
  title: string;
  file: string;
  args: readonly string[];
  memory: ProcessMemory;
  /** Asked to stop, it has this long before it is killed. */
  stopMsMax: number;
  env?: Record<string, string>;
  log: ChildLog;
  say: (sentence: string) => void;
  /** Called with the process id of every start. */
  onSpawn: (pid: number) => void;
  /** When it resolves, every process of this child is told to start what it is there for (lib/process/start-signal); without, none is told. */
  startAfter?: Promise<void>;
}

/** A child that has ended closes its output at once; one of its own children might not. */
const LAST_WORDS_MS_MAX = 1_000;

/** What a fabric prints, one JSON line, when it is ready or can not start; the app prints the second. */
type Announcement = { ready: true } | { error: { message: string; remedy?: string } };

/**
 * One process of the installation. Its first start may fail (the caller then gives up, with the child's own sentence);
 * later deaths are followed by restarts with backoff, for as long as it takes.
 */
export class Child {
  #process: ChildProcess | null = null;
  #stopping = false;
  #endsInARow = 0;
  readonly #stop = new AbortController();
  /** Rejects with the child's own sentence when its first start said that it can not be. */
  readonly refused: Promise<never>;
  #refuse: (error: unknown) => void = () => undefined;

  constructor(readonly options: ChildOptions) {
    this.refused = new Promise<never>((_, reject) => {
      this.#refuse = reject;
    });
    this.refused.catch(() => undefined); // Who waits for a child to be ready listens.
  }

  /** Resolves when the child has announced that it is ready; `waitForReady: false`: when it is spawned. */
  async start({ waitForReady }: { waitForReady: boolean }): Promise<void> {
    const { child, announced } = this.#spawn();
    this.#process = child;
    const exited = new Promise<never>((_, reject) =>
      child.once('exit', (code, signal) =>
        reject(
          new FieldlineError(
            'INTERNAL',
            `${this.options.title} ended before it was ready (${signal ?? `code ${code}`}); see ${this.options.log.place}`,
          ),
        ),
      ),
    );
    exited.catch(() => undefined); // Only the race below listens; a later exit is #onExit's business.
    if (waitForReady) await Promise.race([announced, exited]);
    child.once('exit', (code, signal) => void this.#onFirstExit({ child, announced }, code, signal));
    if (child.exitCode !== null || child.signalCode !== null) await exited;
  }

  /** From now on, an end of the child is no reason to start it again. */
  expectEnd(): void {
    this.#stopping = true;
    this.#stop.abort();
  }

  /** Asks the child to stop; kills it when it does not within the deadline. */
  async stop(): Promise<void> {
    this.expectEnd();
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const timer = setTimeout(() => {
      this.options.say(`${this.options.title} did not stop within ${this.options.stopMsMax / 1000} s and is killed`);
      child.kill('SIGKILL');
    }, this.options.stopMsMax);
    await gone;
    clearTimeout(timer);
  }

  #spawn(): { child: ChildProcess; announced: Promise<void> } {
    const { file, args, memory, env, log } = this.options;
    // The ipc channel tells the child of our death, also by kill -9: it then stops by itself (see stopWithParent).
    const child = spawn(process.execPath, [...memory.flags, file, ...args], {
      env: { ...memory.env, ...inheritedEnvironment(), ...env } as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A terminal's Ctrl+C reaches every process of its group: the fabrics would be gone before the app has stopped its services.
      detached: true,
    });
    if (child.pid !== undefined) this.options.onSpawn(child.pid);
    this.options.startAfter?.then(
      // One that has ended meanwhile needs no word.
      () => child.connected && child.send(START_MESSAGE, () => undefined),
      () => undefined,
    );
    const announced = new Promise<void>((resolve, reject) => {
      createInterface({ input: child.stdout! }).on('line', (line) => {
        log.write(line);
        const announcement = parseAnnouncement(line);
        if (!announcement) return;
        if ('ready' in announcement) resolve();
        else reject(new FieldlineError('INTERNAL', announcement.error.message, { remedy: announcement.error.remedy }));
      });
    });
    announced.catch(() => undefined);
    createInterface({ input: child.stderr! }).on('line', (line) => log.write(line));
    return { child, announced };
  }

  /** One that said why it can not start is not started again: it would say the same. */
  async #onFirstExit(
    { child, announced }: { child: ChildProcess; announced: Promise<void> },
    code: number | null,
    signal: NodeJS.Signals | null,
  ): Promise<void> {
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const late = systemClock.sleep(LAST_WORDS_MS_MAX);
    const wordless = Promise.race([closed, late]).then(() => null);
    const refusal = await Promise.race([announced.then(() => null).catch((error: unknown) => ({ error })), wordless]);
    if (refusal) this.#refuse(refusal.error);
    else await this.#onExit(code, signal);
  }

  async #onExit(code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    if (this.#stopping) return;
    const { title, say } = this.options;
    for (;;) {
      this.#endsInARow += 1;
      const waitMs = backoffMs(this.#endsInARow, RESTART_BACKOFF);
      say(`${title} ended (${signal ?? `code ${code}`}); starting it again in ${waitMs / 1000} s`);
      try {
        await systemClock.sleep(waitMs, this.#stop.signal);
      } catch {
        return; // Stopping: aborted sleep is the only way here.
      }
      const { child, announced } = this.#spawn();
      this.#process = child;
      announced.catch((error: unknown) => say(`${title} can not start: ${withRemedy(asFieldlineError(error))}`));
      const startedAt = systemClock.now();
      const ended = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
        child.once('exit', (c, s) => resolve([c, s])),
      );
      if (this.#stopping) return;
      if (systemClock.now() - startedAt > STABLE_AFTER_MS) this.#endsInARow = 0;
      [code, signal] = ended;
    }
  }
}

/** An error as one sentence, or two: what is the matter, and what to do about it. */
export const withRemedy = ({ message, remedy }: FieldlineError) => (remedy ? `${message}. ${remedy}` : message);

function parseAnnouncement(line: string): Announcement | null {
  if (!line.startsWith('{"ready"') && !line.startsWith('{"error"')) return null;
  try {
    return JSON.parse(line) as Announcement;
  } catch {
    return null; // A log line that merely looks alike.
  }
}

/** Children get what a program needs to run, not everything a shell happens to hold. */
function inheritedEnvironment(): Record<string, string> {
  const names = [
    'PATH',
    'HOME',
    'TMPDIR',
    'LANG',
    'TZ',
    'NODE_EXTRA_CA_CERTS',
    'HTTPS_PROXY',
    'HTTP_PROXY',
    'NO_PROXY',
  ];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]!]])),
  );
}
