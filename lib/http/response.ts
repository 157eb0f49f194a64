import { Readable } from 'node:stream';
import type { Response } from 'node-fetch';
import { FieldlineError } from '@/lib/errors';
import type { Deadline } from './deadline';
import { connectionError, hostPort } from './errors';
import type { HttpResponse } from './types';

/** A whole answer held in memory above this is refused; 10,000 asset rows with tiny previews are about 60 MiB. */
export const TEXT_BYTES_MAX = 128 * 1024 * 1024;
/** Reading this much of an unwanted body is cheaper than a new connection. */
const DISCARD_BYTES_MAX = 64 * 1024;
const BODY_BUFFER_BYTES = 64 * 1024;

/** The body, with the deadline's idle clock running only while a chunk is awaited. */
async function* watched(source: AsyncIterable<Buffer>, deadline: Deadline, url: URL): AsyncGenerator<Buffer> {
  try {
    deadline.wait();
    for await (const chunk of source) {
      deadline.heard();
      yield chunk;
      deadline.wait();
    }
  } catch (error) {
    throw deadline.reason ?? connectionError(error, url);
  } finally {
    deadline.done();
  }
}

export class ClientResponse implements HttpResponse {
  readonly #response: Response;
  readonly #url: URL;
  readonly #chunks: AsyncGenerator<Buffer>;
  #body: Readable | undefined;

  constructor(response: Response, deadline: Deadline, url: URL) {
    this.#response = response;
    this.#url = url;
    const source = (response.body ?? Readable.from([])) as unknown as AsyncIterable<Buffer>;
    this.#chunks = watched(source, deadline, url);
  }

  /** Made when it is asked for: most answers are a few bytes that `json` or `discard` reads, and a stream more costs as much as they do. */
  get body(): Readable {
    this.#body ??= Readable.from(this.#chunks, { objectMode: false, highWaterMark: BODY_BUFFER_BYTES });
    return this.#body;
  }

  get status(): number {
    return this.#response.status;
  }

  get ok(): boolean {
    return this.#response.ok;
  }

  header(name: string): string | null {
    return this.#response.headers.get(name);
  }

  async text(bytesMax = TEXT_BYTES_MAX): Promise<string> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of this.#read()) {
      bytes += chunk.length;
      if (bytes > bytesMax)
        throw new FieldlineError('PROTOCOL', `The answer of ${hostPort(this.#url)} is larger than ${bytesMax} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  }

  async json<T>(bytesMax?: number): Promise<T> {
    const text = await this.text(bytesMax);
    try {
      return JSON.parse(text) as T;
    } catch (cause) {
      throw new FieldlineError('PROTOCOL', `The answer of ${hostPort(this.#url)} is not JSON`, { cause });
    }
  }

  async discard(): Promise<void> {
    let bytes = 0;
    for await (const chunk of this.#read()) {
      bytes += chunk.length;
      if (bytes > DISCARD_BYTES_MAX) break;
    }
  }
  #read(): AsyncIterable<Buffer> {
    return this.#body ?? this.#chunks;
  }
}
