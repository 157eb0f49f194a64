import { FieldlineError } from '@/lib/errors';
import type { ListedObject, S3Bucket } from './bucket';
import { digestKey, digestsPrefix, filesPrefix, markerKey, parseDigestKey, tagOf } from './layout';

/** Remembered ETags of a volume; forgotten together when there are more. About 20 MB. */
const REMEMBERED_MAX = 100_000;
/** Objects asked for one by one at once, where no digest is noted beside them. */
const HEADS_AT_ONCE = 8;

/** A file of a volume in a bucket; `sha256` is null when nobody knows it: the object was not written by Fieldline. */
export interface VolumeFile {
  path: string;
  etag: string;
  bytes: number;
  modifiedAt: number;
  sha256: string | null;
}

/**
 * What is known of a volume's digests. A listing tells ETags (an MD5, of the parts where there were several), not SHA-256; the keys below
 * `digests/` tell one by the other. Two contents of one ETag are told apart by asking for the object itself.
 */
export class VolumeDigests {
  /** Null: ambiguous. */
  readonly #known = new Map<string, string | null>();

  constructor(
    readonly bucket: S3Bucket,
    readonly volume: string,
  ) {}

  /** Notes the digest of what was written, for every later listing. */
  async note(content: { etag: string; bytes: number }, sha256: string): Promise<void> {
    const before = this.#known.get(tagOf(content));
    if (before === sha256 || before === null) return;
    await this.bucket.put(digestKey(this.volume, content, sha256), Buffer.alloc(0));
    this.#remember(tagOf(content), sha256);
  }

  /**
   * The files after `after` in order of their paths' UTF-8 bytes. Fails with NOT_FOUND where the volume does not exist: an empty listing of
   * what is not there is no listing.
   */
  async *list(prefix: string, after: string | null, signal?: AbortSignal): AsyncGenerator<VolumeFile[]> {
    const root = filesPrefix(this.volume);
    const refreshed = { done: false };
    let seen = after !== null;
    for await (const objects of this.bucket.pages(root + prefix, after === null ? null : root + after, signal)) {
      seen ||= objects.length > 0;
      // A key that ends in a slash is what consoles put for a folder.
      const files = objects.filter(({ key }) => !key.endsWith('/'));
      if (files.length > 0) yield await this.#described(files, refreshed, signal);
    }
    if (!seen) await this.requireVolume(signal);
  }

  /** Fails with NOT_FOUND, saying whether it is the bucket or the volume that is not there. */
  async requireVolume(signal?: AbortSignal): Promise<void> {
    if (await this.bucket.head(markerKey(this.volume), signal)) return;
    await this.bucket.check(signal);
    const { bucket, endpoint } = this.bucket.settings;
    throw new FieldlineError(
      'NOT_FOUND',
      `There is no volume "${this.volume}" in the bucket "${bucket}" at ${new URL(endpoint).host}: nothing was put there yet`,
    );
  }

  async #described(objects: ListedObject[], refreshed: { done: boolean }, signal?: AbortSignal) {
    const unknown = () => objects.filter((object) => !this.#known.get(tagOf(object)));
    if (unknown().length > 0 && !refreshed.done) {
      refreshed.done = true;
      await this.#load(signal);
    }
    const asked = new Map<string, string | null>();
    const queue = unknown();
    const worker = async () => {
      for (let object = queue.pop(); object; object = queue.pop())
        asked.set(object.key, (await this.bucket.head(object.key, signal))?.sha256 ?? null);
    };
    await Promise.all(Array.from({ length: HEADS_AT_ONCE }, worker));
    const root = filesPrefix(this.volume).length;
    return objects.map(({ key, etag, bytes, modifiedAt }): VolumeFile => {
      const sha256 = this.#known.get(tagOf({ etag, bytes })) ?? asked.get(key) ?? null;
      return { path: key.slice(root), etag, bytes, modifiedAt, sha256 };
    });
  }

  /** Before the note of it is removed. */
  forget(tag: string): void {
    this.#known.delete(tag);
  }

  async #load(signal?: AbortSignal): Promise<void> {
    for await (const objects of this.bucket.pages(digestsPrefix(this.volume), null, signal))
      for (const { key } of objects) {
        const digest = parseDigestKey(this.volume, key);
        if (digest) this.#remember(digest.tag, digest.sha256);
      }
  }

  #remember(tag: string, sha256: string): void {
    if (this.#known.size >= REMEMBERED_MAX) this.#known.clear();
    const before = this.#known.get(tag);
    this.#known.set(tag, before === undefined || before === sha256 ? sha256 : null);
  }
}
