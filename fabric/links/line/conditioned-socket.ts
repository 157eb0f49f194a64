import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { DelayLine } from './delay-line';
import type { Flow, Shaper } from './shaper';
import type { ConnectionMeter } from './traffic';

/** What one connection may have waiting in each direction before its producer is held back. */
const WAITING_BYTES_MAX = 256 * 1024;

export interface Conditioning {
  inbound: Shaper;
  outbound: Shaper;
  latencyMs: () => number;
  meter: ConnectionMeter;
}

/**
 * A TCP connection seen through the conditioner: same bytes, same order, at the rate and with the delay of the link.
 * Has the methods of net.Socket that node:http asks of a connection.
 */
export class ConditionedSocket extends Duplex {
  readonly #raw: Socket;
  readonly #meter: ConnectionMeter;
  readonly #in: { flow: Flow; line: DelayLine };
  readonly #out: { flow: Flow; line: DelayLine };
  #heldWrite: (() => void) | null = null;

  constructor(raw: Socket, conditioning: Conditioning) {
    super({ allowHalfOpen: false });
    this.#raw = raw;
    this.#meter = conditioning.meter;
    const inLine = new DelayLine(conditioning.latencyMs);
    const outLine = new DelayLine(conditioning.latencyMs);
    this.#in = {
      line: inLine,
      flow: conditioning.inbound.flow((chunk) => inLine.enter(chunk.length, () => this.#arrived(chunk))),
    };
    this.#out = {
      line: outLine,
      flow: conditioning.outbound.flow((chunk) => outLine.enter(chunk.length, () => this.#leave(chunk))),
    };
    raw.on('data', (chunk) => {
      this.#in.flow.push(chunk);
      this.#balanceReading();
    });
    raw.on('end', () => this.#in.flow.afterAll(() => inLine.enter(0, () => this.push(null))));
    raw.on('timeout', () => this.emit('timeout'));
    raw.on('error', (error) => this.destroy(error));
    // After an orderly end what is still on its way is delivered; autoDestroy closes this side then.
    raw.on('close', () => {
      if (!raw.readableEnded) this.destroy();
    });
  }

  get remoteAddress(): string | undefined {
    return this.#raw.remoteAddress;
  }

  override _read(): void {
    // Called while what is about to be consumed still counts as buffered: only what is on its way holds back now.
    if (this.#waitingIn < WAITING_BYTES_MAX) this.#raw.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#out.flow.push(chunk);
    if (this.#waitingOut < WAITING_BYTES_MAX) done();
    else this.#heldWrite = () => done();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#out.flow.afterAll(() =>
      this.#out.line.enter(0, () => {
        this.#raw.end();
        done();
      }),
    );
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    for (const way of [this.#in, this.#out]) {
      way.flow.close();
      way.line.close();
    }
    // A failed connection must not go on sending what the kernel still holds: the same records are on their way on the next one.
    if (error) this.#raw.resetAndDestroy();
    else this.#raw.destroy();
    done(error);
  }

  setTimeout(ms: number, callback?: () => void): this {
    if (callback) this.once('timeout', callback);
    this.#raw.setTimeout(ms);
    return this;
  }
  setNoDelay(on?: boolean): this {
    this.#raw.setNoDelay(on);
    return this;
  }
  setKeepAlive(on?: boolean, initialDelayMs?: number): this {
    this.#raw.setKeepAlive(on, initialDelayMs);
    return this;
  }
  ref(): this {
    this.#raw.ref();
    return this;
  }
  unref(): this {
    this.#raw.unref();
    return this;
  }

  get #waitingIn(): number {
    return this.#in.flow.queuedBytes + this.#in.line.bytes;
  }

  get #waitingOut(): number {
    return this.#out.flow.queuedBytes + this.#out.line.bytes + this.#raw.writableLength;
  }

  #arrived(chunk: Buffer): void {
    this.#meter.received(chunk.length);
    this.push(chunk);
    this.#balanceReading();
  }

  #leave(chunk: Buffer): void {
    this.#meter.sent(chunk.length);
    this.#raw.write(chunk, () => this.#releaseWrite());
    this.#releaseWrite();
  }

  #releaseWrite(): void {
    if (this.#heldWrite === null || this.#waitingOut >= WAITING_BYTES_MAX) return;
    const done = this.#heldWrite;
    this.#heldWrite = null;
    done();
  }

  #balanceReading(): void {
    if (this.#waitingIn + this.readableLength >= WAITING_BYTES_MAX) this.#raw.pause();
    else this.#raw.resume();
  }
}
