import { createHash } from 'node:crypto';
import { asFieldlineError, FieldlineError } from '@/lib/errors';
import type { SourceFile } from '@/lib/mirror/source';
import type { Here, MirrorTarget, Part } from '@/lib/mirror/target';
import { fileKey, mirrorContentPrefix, type S3Bucket, type VolumeDigests } from '@/lib/s3';
import { abortUploads, begunBelow, MultipartUpload, PART_BYTES } from '../multipart';
import { verified } from '../verified';
import { IncomingContent } from './incoming-content';

/**
 * A volume in a bucket as what a mirror brings to. What is larger than a part becomes visible by a copy on the server, from what lies aside;
 * what fits one part waits in memory and is put under its name at once, with one request instead of four.
 */
export class BucketTarget implements MirrorTarget {
  readonly #bucket: S3Bucket;
  readonly #aside: string;
  readonly #incoming = new Map<string, IncomingContent>();
  /** Verified contents of one part, until they have all their names. */
  readonly #whole = new Map<string, Buffer>();
  /** Contents that lie complete in the bucket, verified or not. */
  readonly #stored = new Set<string>();

  constructor(private readonly digests: VolumeDigests) {
    this.#bucket = digests.bucket;
    this.#aside = mirrorContentPrefix(digests.volume);
  }

  async index(): Promise<Here> {
    const here = new Map<string, { sha256: string }>();
    // Without a digest it was put there by another program: to be replaced or removed.
    for await (const page of this.digests.list('', null))
      for (const { path, sha256 } of page) here.set(path, { sha256: sha256 ?? '' });
    return here;
  }

  async kept(): Promise<Map<string, number>> {
    const kept = new Map<string, number>();
    this.#stored.clear();
    for (const [key, bytes] of await begunBelow(this.#bucket, this.#aside)) kept.set(this.#digestOf(key), bytes);
    for await (const objects of this.#bucket.pages(this.#aside, null))
      for (const { key, bytes } of objects) {
        kept.set(this.#digestOf(key), bytes);
        this.#stored.add(this.#digestOf(key));
      }
    for (const [sha256, { have }] of this.#incoming) kept.set(sha256, have);
    return kept;
  }

  async keepOnly(wanted: ReadonlySet<string>): Promise<void> {
    for (const sha256 of (await this.kept()).keys()) {
      if (wanted.has(sha256)) continue;
      await abortUploads(this.#bucket, this.#key(sha256));
      await this.drop(sha256);
    }
  }

  async takeAside(from: string, sha256: string): Promise<void> {
    const stored = await this.#bucket.head(fileKey(this.digests.volume, from));
    if (!stored || (await this.#bucket.copy(stored, this.#key(sha256), sha256)) === null)
      throw new FieldlineError('CONFLICT', `"${from}" was changed by somebody else while the mirror ran`);
    this.#stored.add(sha256);
  }

  /** A bucket does not tell what room it has. */
  async checkSpace(): Promise<void> {
    return;
  }

  async append({ sha256, bytes }: SourceFile): Promise<Part> {
    const key = this.#key(sha256);
    const close = async () => undefined;
    const stored = this.#stored.has(sha256) ? await this.#bucket.head(key) : null;
    if (stored?.bytes === bytes) return { have: bytes, write: async () => undefined, close };
    if (stored) await this.drop(sha256);
    // What fits one part is never begun in the bucket.
    const find = async () => (bytes > PART_BYTES ? MultipartUpload.find(this.#bucket, key) : null);
    const content = this.#incoming.get(sha256) ?? new IncomingContent(this.#bucket, key, sha256, await find());
    this.#incoming.set(sha256, content);
    const write = async (chunk: Buffer) => {
      try {
        await content.write(chunk);
      } catch (error) {
        this.#incoming.delete(sha256);
        throw error;
      }
    };
    return { have: content.have, write, close };
  }

  async verify({ path, sha256, bytes }: SourceFile, signal: AbortSignal): Promise<boolean> {
    const content = this.#incoming.get(sha256);
    this.#incoming.delete(sha256);
    const whole = content?.whole();
    if (whole) {
      if (whole.sha256 === sha256) this.#whole.set(sha256, whole.content);
      return whole.sha256 === sha256;
    }
    this.#stored.add(sha256);
    const written = (await content?.complete()) ?? (await this.#digestAside(path, sha256, bytes, signal));
    if (written === sha256) return true;
    await this.drop(sha256);
    return false;
  }

  async install({ path, sha256, bytes }: SourceFile): Promise<void> {
    const key = fileKey(this.digests.volume, path);
    const whole = this.#whole.get(sha256);
    const etag = whole ? await this.#bucket.put(key, whole, { sha256 }) : await this.#copyTo(key, sha256);
    if (!etag) throw new FieldlineError('CONFLICT', `What was brought for "${path}" was removed by somebody else`);
    await this.digests.note({ etag, bytes }, sha256);
  }

  async drop(sha256: string): Promise<void> {
    this.#incoming.delete(sha256);
    this.#whole.delete(sha256);
    if (this.#stored.delete(sha256)) await this.#bucket.remove(this.#key(sha256));
  }

  async remove(path: string): Promise<void> {
    await this.#bucket.remove(fileKey(this.digests.volume, path));
  }

  async clear(): Promise<void> {
    await this.keepOnly(new Set());
  }

  failure(error: unknown): FieldlineError {
    return asFieldlineError(error);
  }

  async #copyTo(key: string, sha256: string): Promise<string | null> {
    const stored = await this.#bucket.head(this.#key(sha256));
    return stored && this.#bucket.copy(stored, key, sha256);
  }

  /** Of what an earlier process sent: read back, since its digest could not be known while it was sent. */
  async #digestAside(path: string, sha256: string, bytes: number, signal: AbortSignal): Promise<string | null> {
    const found = await this.#bucket.get(this.#key(sha256), { signal });
    if (found.kind !== 'content') return null;
    const hash = createHash('sha256');
    const failure = (error: unknown) => this.#bucket.failure(error, `reading "${path}"`);
    const whole = verified(found.stream, { path, bytes, sha256: null, failure });
    for await (const chunk of whole) hash.update(chunk as Buffer);
    return hash.digest('hex');
  }

  #key(sha256: string): string {
    return this.#aside + sha256;
  }

  #digestOf(key: string): string {
    return key.slice(this.#aside.length);
  }
}
