import type { Duplex } from 'node:stream';
import {
  type ApiName,
  FRAME_SIZE_BYTES,
  type RequestInput,
  type ResponseOf,
  readCorrelationId,
  readResponse,
  writeRequest,
} from '@/fabric/kafka/codec';
import { asFieldlineError, FieldlineError } from '@/lib/errors';
import { secure, type TlsTrust } from '../tls/secure';
import type { Dialer } from '../types';
import { type Frame, FrameAssembler, type TakeBuffer } from './frames';

/** No byte for this long while an answer is due: the connection is half open. Above the round trip of two satellite hops. */
export const SILENCE_MS_MAX = 15_000;
const CORRELATION_ID_MODULUS = 0x7fff_ffff;

export interface Endpoint {
  host: string;
  port: number;
}

interface Pending {
  correlationId: number;
  silenceMsMax: number;
  settle: (frame: Frame | FieldlineError) => void;
}

/**
 * One connection to a Kafka broker. Requests may be pipelined; the broker answers in order. Any failure closes it and fails all that waits:
 * whoever uses it opens another and asks again where things stand.
 */
export class KafkaConnection {
  readonly #socket: Duplex;
  readonly #where: string;
  readonly #clientId: string;
  readonly #pending: Pending[] = [];
  readonly #frames: FrameAssembler;
  #correlationId = 0;
  #frameStartedAt = 0;
  /** What the last answer lies in, where it was of `takeBuffer`: whoever asked may use that again when done with the answer. */
  answerLiesIn: Buffer | null = null;
  /** How long the last answer took from its first byte to its last, in ms: what the link made of it. */
  transferMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #failure: FieldlineError | null = null;
  #fail: (reason: FieldlineError) => void = () => undefined;
  /** Rejects when the connection ends, for whatever reason: who waits for nothing from it learns of its end, too. */
  readonly lost: Promise<never>;

  /** Fails with UNAVAILABLE, TIMEOUT or ABORTED. The signal also closes the open connection. */
  static async open(
    dialer: Dialer,
    endpoint: Endpoint,
    options: {
      clientId: string;
      signal?: AbortSignal;
      tls?: TlsTrust | undefined;
      takeBuffer?: TakeBuffer | undefined;
    },
  ): Promise<KafkaConnection> {
    const { host, port } = endpoint;
    const raw = await dialer.dial(host, port, { signal: options.signal });
    const socket = options.tls ? await secure(raw, host, port, options.tls, options.signal) : raw;
    const connection = new KafkaConnection(socket, `${host}:${port}`, options.clientId, options.takeBuffer);
    const { signal } = options;
    if (signal) {
      const onAbort = () => connection.close(new FieldlineError('ABORTED', 'The link was stopped'));
      if (signal.aborted) onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      socket.once('close', () => signal.removeEventListener('abort', onAbort));
    }
    return connection;
  }

  private constructor(socket: Duplex, where: string, clientId: string, takeBuffer?: TakeBuffer) {
    this.#frames = new FrameAssembler(takeBuffer);
    this.#socket = socket;
    this.#where = where;
    this.#clientId = clientId;
    this.lost = new Promise((_resolve, reject) => {
      this.#fail = reject;
    });
    this.lost.catch(() => undefined);
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
    socket.on('error', (error) => this.close(asFieldlineError(error, 'UNAVAILABLE')));
    socket.on('close', () => this.close());
    if (socket.destroyed) this.close();
  }

  get closed(): boolean {
    return this.#failure !== null;
  }

  /** In the middle of an answer. */
  get receiving(): boolean {
    return !this.#frames.empty;
  }

  /** Resolves with the answer. `silenceMsMax` counts from the last byte received, so that a slow answer is waited for and a dead line is not. */
  async request<N extends ApiName>(
    name: N,
    version: number,
    body: RequestInput<N>,
    silenceMsMax: number = SILENCE_MS_MAX,
  ): Promise<ResponseOf<N>> {
    if (this.#failure) throw this.#failure;
    this.#correlationId = (this.#correlationId + 1) % CORRELATION_ID_MODULUS;
    const correlationId = this.#correlationId;
    const answer = new Promise<Frame>((resolve, reject) => {
      this.#pending.push({
        correlationId,
        silenceMsMax,
        settle: (result) => (result instanceof FieldlineError ? reject(result) : resolve(result)),
      });
    });
    this.#socket.cork();
    for (const part of writeRequest(name, version, correlationId, this.#clientId, body)) this.#socket.write(part);
    this.#socket.uncork();
    if (this.#pending.length === 1) this.#watch();
    const frame = await answer;
    this.answerLiesIn = frame.gathered;
    return readResponse(name, version, frame.bytes);
  }

  close(reason?: FieldlineError): void {
    if (this.#failure) return;
    this.#failure = reason ?? new FieldlineError('UNAVAILABLE', `The connection to ${this.#where} was lost`);
    clearTimeout(this.#timer);
    this.#fail(this.#failure);
    this.#socket.destroy(reason);
    for (const waiting of this.#pending.splice(0)) waiting.settle(this.#failure);
  }

  #received(chunk: Buffer): void {
    if (this.#frames.empty) this.#frameStartedAt = performance.now();
    try {
      for (const frame of this.#frames.push(chunk)) {
        this.transferMs = performance.now() - this.#frameStartedAt;
        const [waiting] = this.#pending;
        const { bytes } = frame;
        if (!waiting || bytes.length < FRAME_SIZE_BYTES || readCorrelationId(bytes) !== waiting.correlationId)
          throw new FieldlineError('PROTOCOL', `${this.#where} answered something that was not asked`);
        this.#pending.shift();
        waiting.settle(frame);
      }
    } catch (error) {
      this.close(asFieldlineError(error, 'PROTOCOL'));
      return;
    }
    this.#watch();
  }

  #watch(): void {
    clearTimeout(this.#timer);
    const first = this.#pending[0];
    if (!first) return;
    this.#timer = setTimeout(
      () =>
        this.close(
          new FieldlineError('TIMEOUT', `${this.#where} did not answer within ${first.silenceMsMax} ms`, {
            details: { silenceMsMax: first.silenceMsMax },
          }),
        ),
      first.silenceMsMax,
    );
  }
}
