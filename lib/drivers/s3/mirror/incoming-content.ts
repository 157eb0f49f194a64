import { createHash, type Hash } from 'node:crypto';
import type { S3Bucket } from '@/lib/s3';
import { MultipartUpload, PART_BYTES } from '../multipart';

/**
 * One content on its way into a bucket: what fits one part is kept in memory until it is whole, of more only the last part. What was sent
 * in parts survives the process; up to one part of each content does not.
 */
export class IncomingContent {
  #upload: MultipartUpload | null;
  /** Null: begun by an earlier process, so what it sent has to be read to be known. */
  readonly #hash: Hash | null;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;

  constructor(
    private readonly bucket: S3Bucket,
    private readonly key: string,
    private readonly sha256: string,
    begun: MultipartUpload | null,
  ) {
    this.#upload = begun;
    this.#hash = begun && begun.bytes > 0 ? null : createHash('sha256');
  }

  get have(): number {
    return (this.#upload?.bytes ?? 0) + this.#waitingBytes;
  }

  async write(chunk: Buffer): Promise<void> {
    this.#hash?.update(chunk);
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    while (this.#waitingBytes > PART_BYTES) {
      const all = Buffer.concat(this.#waiting, this.#waitingBytes);
      this.#upload ??= await MultipartUpload.begin(this.bucket, this.key, { sha256: this.sha256 });
      // Not waiting any more before it is sent: a failure makes the caller begin with what the bucket has.
      this.#waiting = [all.subarray(PART_BYTES)];
      this.#waitingBytes -= PART_BYTES;
      await this.#upload.add(all.subarray(0, PART_BYTES));
    }
  }

  /** What is whole in memory, since it fits one part, with its digest; null where parts were sent. */
  whole(): { content: Buffer; sha256: string } | null {
    if (this.#upload || !this.#hash) return null;
    return { content: Buffer.concat(this.#waiting, this.#waitingBytes), sha256: this.#hash.digest('hex') };
  }

  /** Ends the upload. Resolves with the digest of what was written; null where that is not known. */
  async complete(): Promise<string | null> {
    const rest = Buffer.concat(this.#waiting, this.#waitingBytes);
    if (rest.length > 0) await this.#upload?.add(rest);
    await this.#upload?.complete();
    return this.#hash?.digest('hex') ?? null;
  }
}
