import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { S3Bucket } from '@/lib/s3';

/** S3 wants 5 MiB at least; larger parts are fewer requests, and what an upload holds in memory is three of them. */
export const PART_BYTES = 8 * 1024 * 1024;
/** Parts on their way at once, while the next one is collected. */
const PARTS_AT_ONCE = 2;

/** A multipart upload: nothing is visible before `complete`. Whoever does not complete it aborts it. */
export class MultipartUpload {
  readonly #etags: Promise<string>[];

  private constructor(
    private readonly bucket: S3Bucket,
    readonly key: string,
    private readonly id: string,
    etags: string[] = [],
  ) {
    this.#etags = etags.map((etag) => Promise.resolve(etag));
  }

  /** `sha256`: of the whole, where it is known already. */
  static async begin(
    bucket: S3Bucket,
    key: string,
    { signal, sha256 }: { signal?: AbortSignal; sha256?: string } = {},
  ): Promise<MultipartUpload> {
    const command = new CreateMultipartUploadCommand({
      Bucket: bucket.settings.bucket,
      Key: key,
      Metadata: sha256 === undefined ? undefined : { sha256 },
    });
    const { UploadId } = await bucket.attempt('beginning an upload', () =>
      bucket.client.send(command, { abortSignal: signal }),
    );
    return new MultipartUpload(bucket, key, UploadId ?? '');
  }

  /** One that an earlier process began and did not end, with its whole parts; null when there is none. */
  static async find(bucket: S3Bucket, key: string): Promise<MultipartUpload | null> {
    const known = (await uploadsBelow(bucket, key)).find((upload) => upload.key === key);
    return known ? new MultipartUpload(bucket, key, known.id, await wholeParts(bucket, key, known.id)) : null;
  }

  /** Bytes of the parts that were added. Where `add` was the last to be called, all have PART_BYTES. */
  get bytes(): number {
    return this.#etags.length * PART_BYTES;
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
  for (const { key, id, beganAt } of await uploadsBelow(bucket, prefix))
    if (beganAt < before) await abortUpload(bucket, key, id);
}

/** Bytes that uploads below `prefix` have in whole parts, by key. */
export async function begunBelow(bucket: S3Bucket, prefix: string): Promise<Map<string, number>> {
  const begun = new Map<string, number>();
  for (const { key, id } of await uploadsBelow(bucket, prefix))
    begun.set(key, (await wholeParts(bucket, key, id)).length * PART_BYTES);
  return begun;
}

/** Ends every upload to this key. */
export async function abortUploads(bucket: S3Bucket, key: string): Promise<void> {
  for (const upload of await uploadsBelow(bucket, key))
    if (upload.key === key) await abortUpload(bucket, key, upload.id);
}

async function uploadsBelow(bucket: S3Bucket, prefix: string) {
  const command = new ListMultipartUploadsCommand({ Bucket: bucket.settings.bucket, Prefix: prefix });
  const { Uploads = [] } = await bucket.attempt('listing uploads', () => bucket.client.send(command));
  return Uploads.flatMap(({ Key, UploadId, Initiated }) =>
    Key && UploadId && Initiated ? [{ key: Key, id: UploadId, beganAt: Initiated.getTime() }] : [],
  );
}

/** The ETags of the parts from the first on, as long as each follows the one before and is whole. */
async function wholeParts(bucket: S3Bucket, key: string, id: string): Promise<string[]> {
  const etags: string[] = [];
  for (let marker: string | undefined; ; ) {
    const command = new ListPartsCommand({
      Bucket: bucket.settings.bucket,
      Key: key,
      UploadId: id,
      PartNumberMarker: marker,
    });
    const page = await bucket.attempt('listing parts', () => bucket.client.send(command));
    for (const { PartNumber, Size, ETag } of page.Parts ?? []) {
      if (PartNumber !== etags.length + 1 || Size !== PART_BYTES || !ETag) return etags;
      etags.push(ETag);
    }
    if (!page.IsTruncated || !page.NextPartNumberMarker) return etags;
    marker = page.NextPartNumberMarker;
  }
}

async function abortUpload(bucket: S3Bucket, key: string, id: string): Promise<void> {
  const command = new AbortMultipartUploadCommand({ Bucket: bucket.settings.bucket, Key: key, UploadId: id });
  await bucket.attempt('aborting an upload', () => bucket.client.send(command));
}
