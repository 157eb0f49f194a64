/** A bare client for tests: sends what it is told, also what no good client sends, and keeps the answers in the order they come. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import {
  type ApiName,
  FRAME_SIZE_BYTES,
  type RequestInput,
  type ResponseOf,
  readCorrelationId,
  readResponse,
  writeRequest,
} from '../codec';

export class WireClient {
  #received: Buffer = Buffer.alloc(0);
  #correlationId = 0;
  readonly #waiting = new Map<number, (frame: Buffer) => void>();
  /** Correlation ids of the answers, in the order they came. */
  readonly answered: number[] = [];
  readonly closed: Promise<void>;

  private constructor(readonly socket: Socket) {
    this.closed = new Promise((resolve) => socket.on('close', () => resolve()));
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => this.#push(chunk));
  }

  static async connect(port: number): Promise<WireClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new WireClient(socket);
  }

  async request<N extends ApiName>(name: N, version: number, body: RequestInput<N>): Promise<ResponseOf<N>> {
    return readResponse(
      name,
      version,
      await this.frame(writeRequest(name, version, ++this.#correlationId, 'test', body)),
    );
  }

  /** Sends a request that has no answer. */
  post<N extends ApiName>(name: N, version: number, body: RequestInput<N>): void {
    this.socket.write(Buffer.concat(writeRequest(name, version, ++this.#correlationId, 'test', body)));
  }

  /** Sends a whole request frame and resolves with the answer's, without its size. Fails when the connection closes instead. */
  frame(parts: Buffer[]): Promise<Buffer> {
    const whole = Buffer.concat(parts);
    const answer = new Promise<Buffer>((resolve, reject) => {
      this.#waiting.set(readCorrelationId(whole.subarray(FRAME_SIZE_BYTES + 4)), resolve);
      void this.closed.then(() => reject(new Error('The connection was closed')));
    });
    this.socket.write(whole);
    return answer;
  }

  close(): void {
    this.socket.destroy();
  }

  #push(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= FRAME_SIZE_BYTES) {
      const end = FRAME_SIZE_BYTES + this.#received.readInt32BE(0);
      if (this.#received.length < end) return;
      const frame = this.#received.subarray(FRAME_SIZE_BYTES, end);
      this.#received = this.#received.subarray(end);
      const correlationId = readCorrelationId(frame);
      this.answered.push(correlationId);
      this.#waiting.get(correlationId)?.(frame);
      this.#waiting.delete(correlationId);
    }
  }
}
