/**
 * The volumes port on S3 (see lib/s3/layout for how volumes lie in a bucket). One bucket, several volumes, possibly several missions.
 *
 * HQ's bucket has no mirrors: an embedded edge mirrors from it (fabric/volumes/mirror/s3-source), and so does an edge with a bucket of its
 * own, which is given `mirrors`.
 */
import { createHash } from 'node:crypto';
import { type Clock, systemClock } from '@/lib/clock/clock';
import { FieldlineError } from '@/lib/errors';
import type { FileInfo, MirrorStatus, Volumes } from '@/lib/ports/volumes';
import {
  fileKey,
  markerKey,
  S3Bucket,
  type S3Settings,
  type StoredObject,
  VolumeDigests,
  type VolumeFile,
} from '@/lib/s3';
import { Mirrors, type S3MirrorOptions } from './mirror/mirrors';
import { sweep } from './sweep';
import { upload } from './upload';
import { verified } from './verified';

/** A server may take its time over the copy of a large object before it answers. */
const IDLE_TIMEOUT_MS = 120_000;
const ATTEMPTS_MAX = 3;
/** Digests noted at once by a listing that meets files without a note. */
const NOTES_AT_ONCE = 8;

export interface S3VolumesOptions extends S3Settings {
  mission: string;
  /** Edge: where other sites' volumes are. Absent: volumes here are no mirrors. */
  mirrors?: S3MirrorOptions;
  clock?: Clock;
}

/** See the port for what each call does. Fails with UNAVAILABLE, TIMEOUT, AUTH_FAILED or FORBIDDEN as the server answers, in words. */
export function createS3Volumes(options: S3VolumesOptions): Volumes {
  return new S3Volumes(options);
}

class S3Volumes implements Volumes {
  readonly #bucket: S3Bucket;
  readonly #mission: string;
  readonly #clock: Clock;
  readonly #digests = new Map<string, VolumeDigests>();
  /** Volumes that were seen to exist. */
  readonly #present = new Set<string>();
  readonly #mirrors: Mirrors;
  readonly #canMirror: boolean;

  constructor(options: S3VolumesOptions) {
    const { mission, mirrors = null, clock = systemClock, ...settings } = options;
    this.#bucket = new S3Bucket(settings, { idleTimeoutMs: IDLE_TIMEOUT_MS, attemptsMax: ATTEMPTS_MAX });
    this.#mission = mission;
    this.#clock = clock;
    this.#mirrors = new Mirrors(this.#bucket, { mission, clock, options: mirrors });
    this.#canMirror = mirrors !== null;
  }

  async ensureVolume(volume: string): Promise<void> {
    await this.#make(volume);
    await sweep(this.#of(volume), this.#clock.now());
  }

  async list(volume: string, prefix = ''): Promise<FileInfo[]> {
    const digests = this.#of(volume);
    const files: FileInfo[] = [];
    for await (const page of digests.list(prefix, null)) {
      const worker = async () => {
        for (let file = page.pop(); file; file = page.pop()) {
          const info = await this.#complete(digests, file);
          if (info) files.push(info);
        }
      };
      await Promise.all(Array.from({ length: NOTES_AT_ONCE }, worker));
    }
    // The server sorts by bytes of UTF-8, the port by code units.
    return files.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  async stat(volume: string, path: string): Promise<FileInfo | null> {
    const stored = await this.#bucket.head(fileKey(this.#name(volume), path));
    return stored && this.#complete(this.#of(volume), { ...stored, path });
  }

  async put(...[volume, path, content, settings = {}]: Parameters<Volumes['put']>): Promise<FileInfo> {
    const name = this.#name(volume);
    const target = { volume: name, key: fileKey(name, path) };
    await this.#requireWritable(volume);
    const { signal, maxBytes: bytesMax = Number.POSITIVE_INFINITY } = settings;
    const stored = await upload(this.#bucket, target, content, { signal, bytesMax });
    return this.#written(volume, path, stored);
  }

  async get(...[volume, path, settings = {}]: Parameters<Volumes['get']>): ReturnType<Volumes['get']> {
    const { range, signal } = settings;
    const key = fileKey(this.#name(volume), path);
    if (range && (range.start < 0 || (range.end !== undefined && range.end < range.start))) throw outOfRange(path);
    const found = await this.#bucket.get(key, { start: range?.start, end: range?.end, signal });
    if (found.kind === 'missing') return null;
    if (found.kind !== 'content') throw outOfRange(path);
    const info = await this.#complete(this.#of(volume), { ...found.object, path });
    if (!info) {
      found.stream.destroy();
      return null;
    }
    const bytes = found.range.end - found.range.start + 1;
    const isWhole = bytes === info.bytes;
    const stream = verified(found.stream, {
      path,
      bytes,
      sha256: isWhole ? info.sha256 : null,
      failure: (error) => this.#bucket.failure(error, `reading "${path}"`),
    });
    return { info, range: found.range, stream };
  }

  async copy(...[from, to]: Parameters<Volumes['copy']>): Promise<FileInfo> {
    const fromKey = fileKey(this.#name(from.volume), from.path);
    const toKey = fileKey(this.#name(to.volume), to.path);
    await this.#requireWritable(to.volume);
    const missing = () => new FieldlineError('NOT_FOUND', `There is no file "${from.path}" in ${from.volume}`);
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
      const stored = await this.#bucket.head(fromKey);
      const info = stored && (await this.#complete(this.#of(from.volume), { ...stored, path: from.path }));
      if (!stored || !info) throw missing();
      const etag = await this.#bucket.copy(stored, toKey, info.sha256);
      // Null: replaced or removed in between, so its digest is another too.
      if (etag !== null) return this.#written(to.volume, to.path, { etag, bytes: info.bytes, sha256: info.sha256 });
    }
    throw new FieldlineError('CONFLICT', `The file "${from.path}" in ${from.volume} changes all the time`);
  }

  async remove(volume: string, path: string): Promise<boolean> {
    const key = fileKey(this.#name(volume), path);
    await this.#refuseMirror(volume);
    if (!(await this.#bucket.head(key))) return false;
    await this.#bucket.remove(key);
    return true;
  }

  async ensureMirror(volume: string, source: { volume: string; site: string }): Promise<void> {
    const digests = this.#of(volume);
    if (this.#canMirror) await this.#make(volume);
    await this.#mirrors.ensure(digests, source);
  }

  async startMirror(volume: string): Promise<void> {
    await this.#mirrors.start(this.#name(volume));
  }

  async stopMirror(volume: string): Promise<void> {
    await this.#mirrors.stop(this.#name(volume));
  }

  async mirrorStatus(volume: string, { refresh = false } = {}): Promise<MirrorStatus> {
    return this.#mirrors.status(this.#of(volume), refresh);
  }

  async close(): Promise<void> {
    await this.#mirrors.close();
    this.#bucket.close();
  }

  /** Notes the digest for listings; the file is there already, with its digest, if this fails. */
  async #written(
    volume: string,
    path: string,
    written: { etag: string; bytes: number; sha256: string },
  ): Promise<FileInfo> {
    const [stored] = await Promise.all([
      this.#bucket.head(fileKey(this.#name(volume), path)),
      this.#of(volume).note(written, written.sha256),
    ]);
    // Somebody may have written the same name since: what is told is what was written here.
    const now = Math.floor(this.#clock.now() / 1000) * 1000;
    const modifiedAt = stored?.etag === written.etag ? stored.modifiedAt : now;
    return { path, bytes: written.bytes, sha256: written.sha256, modifiedAt };
  }

  /** With its digest noted, for the next listing: an object of another program's is read once to know it. Null when it is gone. */
  async #complete(
    digests: VolumeDigests,
    file: VolumeFile | (StoredObject & { path: string }),
  ): Promise<FileInfo | null> {
    const { path, etag, bytes, modifiedAt } = file;
    const sha256 = file.sha256 ?? (await this.#digestByReading(digests.volume, path, etag));
    if (sha256 === null) return null;
    await digests.note({ etag, bytes }, sha256);
    return { path, bytes, sha256, modifiedAt };
  }

  async #digestByReading(volume: string, path: string, etag: string): Promise<string | null> {
    const found = await this.#bucket.get(fileKey(volume, path), { ifMatch: etag });
    if (found.kind !== 'content') return null;
    if (found.object.sha256) {
      found.stream.destroy();
      return found.object.sha256;
    }
    const hash = createHash('sha256');
    const failure = (error: unknown) => this.#bucket.failure(error, `reading "${path}"`);
    const whole = verified(found.stream, { path, bytes: found.object.bytes, sha256: null, failure });
    for await (const chunk of whole) hash.update(chunk as Buffer);
    return hash.digest('hex');
  }

  /** The mark that there is a volume, also while it is empty. */
  async #make(volume: string): Promise<void> {
    const name = this.#name(volume);
    const key = markerKey(name);
    if (!(await this.#bucket.head(key)))
      await this.#bucket.put(key, Buffer.from(JSON.stringify({ volume: name, createdAt: this.#clock.now() })));
    this.#present.add(name);
  }

  async #refuseMirror(volume: string): Promise<void> {
    if (await this.#mirrors.isMirror(this.#name(volume)))
      throw new FieldlineError('VOLUME_READ_ONLY', `"${volume}" is a mirror: only its source is written`);
  }

  /** Nothing is put where no volume is, nor into a mirror; asked once for each. */
  async #requireWritable(volume: string): Promise<void> {
    const name = this.#name(volume);
    await this.#refuseMirror(volume);
    if (this.#present.has(name)) return;
    await this.#of(volume).requireVolume();
    this.#present.add(name);
  }

  #name(volume: string): string {
    return `${this.#mission}.${volume}`;
  }

  #of(volume: string): VolumeDigests {
    const name = this.#name(volume);
    const known = this.#digests.get(name) ?? new VolumeDigests(this.#bucket, name);
    this.#digests.set(name, known);
    return known;
  }
}

const outOfRange = (path: string) =>
  new FieldlineError('REQUEST_INVALID', `The range does not lie in the file ${path}`);
