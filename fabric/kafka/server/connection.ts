/**
 * One client connection. Requests are handled one after the other, as a Kafka broker does, but for Produce: consecutive produce requests
 * run together, so that they share an fsync. Answers leave in the order of the requests. What a client may have in flight is bounded by
 * not reading from it.
 */
import type { Socket } from 'node:net';
import { errorMessage, isFieldlineError } from '@/lib/errors';
import type { FabricLog } from '../../logger';
import type { BufferPool } from '../buffer-pool';
import { APIS } from '../codec';
import { type Frame, FrameReader } from './frame-reader';
import type { InFlight } from './in-flight';
import { CONNECTION_IN_FLIGHT_BYTES_MAX, IDLE_TIMEOUT_MS } from './limits';
import { ReadAhead, type Source } from './read-ahead';

export interface ConnectionContext {
  readonly clientHost: string;
  /** Aborts when the connection is gone: nobody waits for the answer. */
  readonly signal: AbortSignal;
  /** Reads from a partition, as it does itself, into memory that is taken back when the answer has been sent. */
  readonly read: (source: Source, offset: number, maxBytes: number) => Promise<Buffer>;
}

/** Answers one request frame: the parts of the response frame, or null where none is sent. A rejection closes the connection. */
export type Dispatch = (frame: Buffer, context: ConnectionContext) => Promise<Buffer[] | null>;

interface Exchange {
  frame: Frame;
  isProduce: boolean;
  /** Undefined until answered. */
  answer?: Buffer[] | null;
  /** Of the pool, and part of the answer. */
  leased: Buffer[];
}

export class Connection {
  readonly #abort = new AbortController();
  readonly #clientHost: string;
  readonly #reader: FrameReader;
  /** Not started yet. */
  readonly #waiting: Exchange[] = [];
  /** Started, in order of arrival; the first ones may be answered and wait only for nothing. */
  readonly #started: Exchange[] = [];
  readonly #ahead: ReadAhead;
  #inFlightBytes = 0;

  constructor(
    readonly socket: Socket,
    readonly dispatch: Dispatch,
    readonly inFlight: InFlight,
    readonly pool: BufferPool,
    readonly log: FabricLog,
  ) {
    this.#clientHost = socket.remoteAddress ?? '';
    this.#ahead = new ReadAhead(pool);
    this.#reader = new FrameReader(
      pool,
      (sizeBytes) => this.#count(sizeBytes),
      (frame) => this.#arrived(frame),
    );
    socket.setNoDelay(true);
    socket.setKeepAlive(true);
    socket.setTimeout(IDLE_TIMEOUT_MS);
    socket.on('data', (chunk) => this.#push(chunk));
    socket.on('drain', () => this.#start());
    socket.on('timeout', () => {
      // Who waits for an answer is not idle, unless it does not take the one it has.
      if (this.#started.length === 0 || socket.writableNeedDrain) socket.destroy();
    });
    // A reset by the client is followed by `close`, which is where everything is let go.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#closed());
  }

  #push(chunk: Buffer): void {
    try {
      this.#reader.push(chunk);
    } catch (error) {
      this.#giveUp(error);
    }
  }

  #count(sizeBytes: number): void {
    if (!this.inFlight.take(sizeBytes)) throw new Error('Too many requests are in flight over all connections');
    this.#inFlightBytes += sizeBytes;
    if (this.#inFlightBytes > CONNECTION_IN_FLIGHT_BYTES_MAX && this.#hasWork) this.socket.pause();
  }

  get #hasWork(): boolean {
    return this.#waiting.length + this.#started.length > 0;
  }

  #arrived(frame: Frame): void {
    this.#waiting.push({ frame, isProduce: frame.bytes.readInt16BE(0) === APIS.Produce.key, leased: [] });
    if (this.#inFlightBytes > CONNECTION_IN_FLIGHT_BYTES_MAX) this.socket.pause();
    this.#start();
  }

  #start(): void {
    while (this.#waiting.length > 0 && !this.socket.writableNeedDrain && !this.socket.destroyed) {
      const next = this.#waiting[0]!;
      if (this.#started.length > 0 && !(next.isProduce && this.#started.every((exchange) => exchange.isProduce)))
        return;
      this.#waiting.shift();
      this.#started.push(next);
      this.dispatch(next.frame.bytes, this.#contextOf(next)).then(
        (answer) => this.#answered(next, answer),
        (error: unknown) => this.#giveUp(error),
      );
    }
  }

  #answered(exchange: Exchange, answer: Buffer[] | null): void {
    exchange.answer = answer;
    while (this.#started[0]?.answer !== undefined) {
      const done = this.#started.shift()!;
      this.#release(done.frame.bytes.length);
      // Its records are on the disk; handlers of other requests may keep views of theirs.
      if (done.isProduce && done.frame.pooled) this.pool.give(done.frame.pooled);
      if (done.answer) this.#write(done.answer, done.leased);
    }
    this.#start();
  }

  #contextOf(exchange: Exchange): ConnectionContext {
    const read: ConnectionContext['read'] = (source, offset, maxBytes) =>
      this.#ahead.read(source, offset, maxBytes, exchange.leased);
    return { clientHost: this.#clientHost, signal: this.#abort.signal, read };
  }

  #write(parts: Buffer[], leased: readonly Buffer[]): void {
    if (this.socket.destroyed) return;
    this.socket.cork();
    for (const part of parts.slice(0, -1)) this.socket.write(part);
    this.socket.write(parts.at(-1)!, (error) => {
      // A write that was cut off may still be reading from them: then they are left to the garbage collector.
      if (!error) for (const buffer of leased) this.pool.give(buffer);
    });
    this.socket.uncork();
  }

  #release(bytes: number): void {
    if (this.#abort.signal.aborted) return; // Let go of already, with the connection.
    this.#inFlightBytes -= bytes;
    this.inFlight.release(bytes);
    // One frame may be larger than the limit: with nothing else to do, its rest must be read.
    const mayRead = this.#inFlightBytes <= CONNECTION_IN_FLIGHT_BYTES_MAX || !this.#hasWork;
    if (mayRead && this.socket.isPaused()) this.socket.resume();
  }

  /** What can not be understood or answered ends this connection, and only this one. */
  #giveUp(error: unknown): void {
    if (this.socket.destroyed) return;
    const level = isFieldlineError(error, 'PROTOCOL') ? 'warn' : 'error';
    this.log[level]('Closed a Kafka connection', { client: this.#clientHost, reason: errorMessage(error) });
    this.socket.destroy();
  }

  #closed(): void {
    this.#abort.abort();
    this.#ahead.drop();
    this.inFlight.release(this.#inFlightBytes);
    this.#inFlightBytes = 0;
    this.#waiting.length = 0;
  }
}
