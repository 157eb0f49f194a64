import type { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { FieldlineError } from '@/lib/errors';
import { createS3Client, type S3ClientOptions } from './client';
import { isMissingObject, s3Error, statusOf } from './errors';
import type { S3Settings } from './settings';

/** Objects of a listing page where nothing else is asked: S3's own limit. */
const PAGE_OBJECTS = 1000;
const SHA256 = /^[0-9a-f]{64}$/;

/** An object as a listing tells it. */
export interface ListedObject {
  key: string;
  etag: string;
  bytes: number;
  /** Milliseconds since the epoch, in whole seconds: that is all a HEAD tells. */
  modifiedAt: number;
}

export interface StoredObject extends ListedObject {
  /** As its writer noted it; null for an object that was not written by Fieldline. */
  sha256: string | null;
}

export type ObjectContent =
  | { kind: 'content'; object: StoredObject; range: { start: number; end: number }; stream: Readable }
  | { kind: 'missing' }
  /** Not the version that `ifMatch` named. */
  | { kind: 'changed' }
  | { kind: 'out of range' };

export interface ObjectPage {
  objects: ListedObject[];
  /** For the next page; null at the end. */
  next: string | null;
}

/** The objects of one bucket. Every call fails with a FieldlineError in words; see lib/s3/errors. */
export class S3Bucket {
  readonly client: S3Client;
  readonly #pageObjects: number;

  constructor(
    readonly settings: S3Settings,
    options: S3ClientOptions & { pageObjects?: number },
  ) {
    this.client = createS3Client(settings, options);
    this.#pageObjects = options.pageObjects ?? PAGE_OBJECTS;
  }

  get #bucket() {
    return { Bucket: this.settings.bucket };
  }

  /** Calls the SDK and words its errors. */
  async attempt<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.failure(error, what);
    }
  }

  failure(error: unknown, what: string): FieldlineError {
    return s3Error(error, this.settings, what);
  }

  /** Fails with NOT_FOUND where there is no such bucket. A listing, because a HEAD has no body to name the reason in. */
  async check(signal?: AbortSignal): Promise<void> {
    const command = new ListObjectsV2Command({ ...this.#bucket, MaxKeys: 1 });
    await this.attempt('looking for the bucket', () => this.client.send(command, { abortSignal: signal }));
  }

  /** A page of the keys below `prefix` that come after `after`, in order of their UTF-8 bytes. */
  async list(
    prefix: string,
    options: { next?: string | null; after?: string | null; signal?: AbortSignal } = {},
  ): Promise<ObjectPage> {
    const command = new ListObjectsV2Command({
      ...this.#bucket,
      Prefix: prefix,
      MaxKeys: this.#pageObjects,
      ContinuationToken: options.next ?? undefined,
      StartAfter: options.next ? undefined : (options.after ?? undefined),
    });
    const page = await this.attempt('listing', () => this.client.send(command, { abortSignal: options.signal }));
    const objects = (page.Contents ?? []).map((object) => ({
      key: object.Key ?? '',
      etag: unquoted(object.ETag),
      bytes: object.Size ?? 0,
      modifiedAt: wholeSeconds(object.LastModified),
    }));
    if (page.IsTruncated && !page.NextContinuationToken)
      throw new FieldlineError('PROTOCOL', 'The object store says that its listing goes on, but not where');
    return { objects, next: page.IsTruncated ? (page.NextContinuationToken ?? null) : null };
  }

  /** Every key below `prefix`, page by page. */
  async *pages(prefix: string, after: string | null, signal?: AbortSignal): AsyncGenerator<ListedObject[]> {
    for (let next: string | null = null; ; ) {
      const page: ObjectPage = await this.list(prefix, { next, after, signal });
      yield page.objects;
      if (page.next === null) return;
      next = page.next;
    }
  }

  async head(key: string, signal?: AbortSignal): Promise<StoredObject | null> {
    try {
      const found = await this.client.send(new HeadObjectCommand({ ...this.#bucket, Key: key }), {
        abortSignal: signal,
      });
      return described(key, found, found.ContentLength ?? 0);
    } catch (error) {
      if (isMissingObject(error)) return null;
      throw this.failure(error, `asking for "${key}"`);
    }
  }

  /** The bytes from `start` to `end` (inclusive), or all. The stream fails as the connection does: not in words, see `failure`. */
  async get(
    key: string,
    options: { start?: number; end?: number; ifMatch?: string; signal?: AbortSignal } = {},
  ): Promise<ObjectContent> {
    const { start, end, ifMatch, signal } = options;
    const command = new GetObjectCommand({
      ...this.#bucket,
      Key: key,
      Range: start === undefined ? undefined : `bytes=${start}-${end ?? ''}`,
      IfMatch: ifMatch === undefined ? undefined : `"${ifMatch}"`,
    });
    try {
      const found = await this.client.send(command, { abortSignal: signal });
      const stream = found.Body as Readable;
      const length = found.ContentLength ?? 0;
      const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(found.ContentRange ?? '');
      if (!range && start !== undefined && start > 0) {
        stream.destroy();
        throw new FieldlineError('UNSUPPORTED', 'This object store serves no ranges');
      }
      const first = Number(range?.[1] ?? 0);
      const last = Number(range?.[2] ?? length - 1);
      const object = described(key, found, Number(range?.[3] ?? length));
      return { kind: 'content', object, range: { start: first, end: last }, stream };
    } catch (error) {
      if (isMissingObject(error)) return { kind: 'missing' };
      if (statusOf(error) === 412) return { kind: 'changed' };
      if (statusOf(error) === 416) return { kind: 'out of range' };
      throw this.failure(error, `reading "${key}"`);
    }
  }

  /** Visible all at once, with its digest. Resolves with the ETag. */
  async put(key: string, content: Buffer, options: { sha256?: string; signal?: AbortSignal } = {}): Promise<string> {
    const command = new PutObjectCommand({
      ...this.#bucket,
      Key: key,
      Body: content,
      ContentLength: content.length,
      Metadata: options.sha256 ? { sha256: options.sha256 } : undefined,
    });
    const stored = await this.attempt(`writing "${key}"`, () =>
      this.client.send(command, { abortSignal: options.signal }),
    );
    return unquoted(stored.ETag);
  }

  /** Copies this version of an object within the bucket, on the server. Null when it is not there any more. Resolves with the ETag. */
  async copy(from: { key: string; etag: string }, to: string, sha256: string): Promise<string | null> {
    const command = new CopyObjectCommand({
      ...this.#bucket,
      Key: to,
      CopySource: `${this.settings.bucket}/${from.key}`.split('/').map(encodeURIComponent).join('/'),
      CopySourceIfMatch: `"${from.etag}"`,
      MetadataDirective: 'REPLACE',
      Metadata: { sha256 },
    });
    try {
      const copied = await this.client.send(command);
      return unquoted(copied.CopyObjectResult?.ETag);
    } catch (error) {
      if (isMissingObject(error) || statusOf(error) === 412) return null;
      throw this.failure(error, `copying to "${to}"`);
    }
  }

  /** Idempotent. */
  async remove(key: string): Promise<void> {
    await this.attempt(`removing "${key}"`, () =>
      this.client.send(new DeleteObjectCommand({ ...this.#bucket, Key: key })),
    );
  }

  close(): void {
    this.client.destroy();
  }
}

interface Description {
  ETag?: string;
  LastModified?: Date;
  Metadata?: Record<string, string>;
}

function described(key: string, found: Description, bytes: number): StoredObject {
  const noted = found.Metadata?.sha256 ?? '';
  const sha256 = SHA256.test(noted) ? noted : null;
  return { key, etag: unquoted(found.ETag), bytes, modifiedAt: wholeSeconds(found.LastModified), sha256 };
}

const unquoted = (etag: string | undefined) => (etag ?? '').replace(/^"|"$/g, '');
const wholeSeconds = (time: Date | undefined) => Math.floor((time?.getTime() ?? 0) / 1000) * 1000;
