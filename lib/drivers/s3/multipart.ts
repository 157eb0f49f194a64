import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { S3Bucket } from '@/lib/s3';

/** S3 wants 5 MiB at least; larger parts are fewer requests, and what an upload holds in memory is three of them. */
export const PART_BYTES = 8 * 1024 * 1024;
/** Parts on their way at once, while the next one is collected. */
const PARTS_AT_ONCE = 2;

/** A multipart upload: nothing is visible before `complete`. Whoever does not complete it aborts it. */
export class MultipartUpload {
  readonly #etags: Promise<string>[] = [];

  private constructor(
    private readonly bucket: S3Bucket,
    readonly key: string,
    private readonly id: string,
  ) {}

  static async begin(bucket: S3Bucket, key: string, signal?: AbortSignal): Promise<MultipartUpload> {
    const command = new CreateMultipartUploadCommand({ Bucket: bucket.settings.bucket, Key: key });
    const { UploadId } = await bucket.attempt('beginning an upload', () =>
      bucket.client.send(command, { abortSignal: signal }),
    );
    return new MultipartUpload(bucket, key, UploadId ?? '');
  }

  /** Resolves when there is room for the next part; fails as an earlier part did. */
  async add(content: Buffer, signal?: AbortSignal): Promise<void> {
    const number = this.#etags.length + 1;
    const command = new UploadPartCommand({ ...this.#upload, PartNumber: number, Body: content });
    const sent = this.bucket
      .attempt(`writing part ${number}`, () => this.bucket.client.send(command, { abortSignal: signal }))
      .then(({ ETag }) => ETag ?? '');
    // Awaited below or by `complete`; until then its failure must not count as unhandled.
    sent.catch(() => undefined);
    this.#etags.push(sent);
    await this.#etags.at(-PARTS_AT_ONCE);
  }

  async complete(signal?: AbortSignal): Promise<void> {
    const etags = await Promise.all(this.#etags);
    const Parts = etags.map((ETag, index) => ({ ETag, PartNumber: index + 1 }));
    const command = new CompleteMultipartUploadCommand({ ...this.#upload, MultipartUpload: { Parts } });
    await this.bucket.attempt('completing an upload', () => this.bucket.client.send(command, { abortSignal: signal }));
  }

  /** Frees what was sent. */
  async abort(): Promise<void> {
    await Promise.allSettled(this.#etags);
    await abortUpload(this.bucket, this.key, this.id);
  }

  get #upload() {
    return { Bucket: this.bucket.settings.bucket, Key: this.key, UploadId: this.id };
  }
}

/** Ends uploads below `prefix` that began before `before` (ms since the epoch): their process is gone. */
export async function abortOldUploads(bucket: S3Bucket, prefix: string, before: number): Promise<void> {
  const command = new ListMultipartUploadsCommand({ Bucket: bucket.settings.bucket, Prefix: prefix });
  const { Uploads = [] } = await bucket.attempt('listing uploads', () => bucket.client.send(command));
  for (const { Key, UploadId, Initiated } of Uploads)
    if (Key && UploadId && Initiated && Initiated.getTime() < before) await abortUpload(bucket, Key, UploadId);
}

async function abortUpload(bucket: S3Bucket, key: string, id: string): Promise<void> {
  const command = new AbortMultipartUploadCommand({ Bucket: bucket.settings.bucket, Key: key, UploadId: id });
  await bucket.attempt('aborting an upload', () => bucket.client.send(command));
}
