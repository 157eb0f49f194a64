import { Worker } from 'node:worker_threads';
import { errorMessage, FieldlineError } from '@/lib/errors';
import type { EngineData, FromEngine, PhysicalTable, ReaderOp, Reply, Request, ToEngine, WriterOp } from './protocol';

/** Operations accepted and not yet answered; beyond, callers are told to come later. */
const PENDING_OPS_MAX = 10_000;
/** Text of those operations. */
const PENDING_CHARACTERS_MAX = 256 * 1024 * 1024;

interface Pending {
  resolve: (result: unknown) => void;
  reject: (error: FieldlineError) => void;
  characters: number;
}

/** One engine thread, started at the first use, and again at the next use after it broke. */
export class EngineThread {
  readonly #workerFile: string | URL;
  readonly #data: EngineData;
  readonly #onBreak: (message: string) => void;
  readonly #pending = new Map<number, Pending>();
  #characters = 0;
  #nextId = 1;
  #worker: Worker | undefined;
  #ready: Promise<Record<string, PhysicalTable>> | undefined;
  #outbox: Request[] = [];
  #closed = false;

  constructor(workerFile: string | URL, data: EngineData, onBreak: (message: string) => void) {
    this.#workerFile = workerFile;
    this.#data = data;
    this.#onBreak = onBreak;
  }

  /** Resolves with the tables there are (the writer) when the thread is up. Fails with DATA_DIR_UNUSABLE or UNAVAILABLE. */
  start(): Promise<Record<string, PhysicalTable>> {
    this.#ready ??= this.#spawn();
    return this.#ready;
  }

  /** Fails with the operation's error, or UNAVAILABLE: too many wait, the thread broke, or it is closed. */
  async request(op: WriterOp | ReaderOp): Promise<unknown> {
    const characters = 'body' in op ? op.body.length : 0;
    if (this.#closed) throw new FieldlineError('UNAVAILABLE', 'The tables are closed');
    if (this.#pending.size >= PENDING_OPS_MAX || this.#characters + characters > PENDING_CHARACTERS_MAX)
      throw new FieldlineError('UNAVAILABLE', 'Too many operations on the tables wait already');
    this.#characters += characters;
    const id = this.#nextId++;
    const answer = new Promise<unknown>((resolve, reject) => this.#pending.set(id, { resolve, reject, characters }));
    this.#outbox.push({ id, op });
    if (this.#outbox.length === 1) {
      // What is asked in one turn goes in one message.
      queueMicrotask(() => {
        this.start().then(
          () => this.#flush(),
          (error: FieldlineError) => this.#break(error),
        );
      });
    }
    return answer;
  }

  /** Resolves when what was accepted is done and the thread has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    if (!this.#ready) return;
    await this.#ready.catch(() => undefined);
    const worker = this.#worker;
    if (!worker) return;
    this.#flush();
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    worker.postMessage({ close: true } satisfies ToEngine);
    await ended;
  }

  #flush(): void {
    if (this.#outbox.length === 0) return;
    this.#worker?.postMessage({ requests: this.#outbox } satisfies ToEngine);
    this.#outbox = [];
  }

  #spawn(): Promise<Record<string, PhysicalTable>> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(this.#workerFile, { workerData: this.#data });
      this.#worker = worker;
      const broken = (error: FieldlineError) => {
        if (this.#worker !== worker) return;
        this.#worker = undefined;
        this.#ready = undefined;
        reject(error);
        this.#break(error);
      };
      worker.on('message', (message: FromEngine) => {
        if ('ready' in message) resolve(message.ready);
        else if ('replies' in message) for (const reply of message.replies) this.#settle(reply);
        else broken(new FieldlineError(message.failed.code, message.failed.message, { remedy: message.failed.remedy }));
      });
      worker.on('error', (error) => {
        if (this.#worker === worker)
          this.#onBreak(`The tables' ${this.#data.role} thread broke: ${errorMessage(error)}`);
        broken(new FieldlineError('UNAVAILABLE', `The tables' engine broke: ${errorMessage(error)}`, { cause: error }));
      });
      worker.on('exit', () => broken(new FieldlineError('UNAVAILABLE', "The tables' engine has ended")));
    });
  }

  #settle(reply: Reply): void {
    const pending = this.#pending.get(reply.id);
    if (!pending) return;
    this.#pending.delete(reply.id);
    this.#characters -= pending.characters;
    if ('error' in reply)
      pending.reject(new FieldlineError(reply.error.code, reply.error.message, { remedy: reply.error.remedy }));
    else pending.resolve(reply.result);
  }

  /** What was under way may or may not have been written: the callers are told so and decide. */
  #break(error: FieldlineError): void {
    this.#outbox = [];
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
    this.#characters = 0;
  }
}
