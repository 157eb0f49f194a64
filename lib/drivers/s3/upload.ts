import { createHash, randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { FieldlineError } from '@/lib/errors';
import { incomingPrefix, type S3Bucket } from '@/lib/s3';
import { MultipartUpload, PART_BYTES } from './multipart';

/** The largest object that CopyObject copies (S3 API reference), and so the largest file here: 5 GiB. */
export const FILE_BYTES_MAX = 5 * 1024 ** 3;

export interface Uploaded {
  etag: string;
  bytes: number;
  sha256: string;
}

/**
 * Streams `content` to `key`, where it becomes visible all at once and with its digest. An object's metadata is fixed when its upload
 * begins, and the digest of a stream is known when it ends: so what is larger than one part goes to a key of its own first, and is
 * copied from there on the server. Fails as `content` does; with ASSET_TOO_LARGE; with ABORTED; in words where S3 does.
 */
export async function upload(
  bucket: S3Bucket,
  target: { volume: string; key: string },
  content: Readable | Buffer,
  options: { signal?: AbortSignal; bytesMax: number },
): Promise<Uploaded> {
  const bytesMax = Math.min(options.bytesMax, FILE_BYTES_MAX);
  const { signal } = options;
  const { key } = target;
  const hash = createHash('sha256');
  const parts = partsOf(content, bytesMax, signal, (chunk) => hash.update(chunk));
  let bytes = 0;
  let staged: MultipartUpload | null = null;
  let isComplete = false;
  try {
    for await (const { part, isLast } of parts) {
      bytes += part.length;
      if (isLast && !staged) {
        const sha256 = hash.digest('hex');
        return { etag: await bucket.put(key, part, { sha256, signal }), bytes, sha256 };
      }
      staged ??= await MultipartUpload.begin(bucket, incomingPrefix(target.volume) + randomUUID(), { signal });
      if (part.length > 0) await staged.add(part, signal);
    }
    if (!staged) throw new FieldlineError('INTERNAL', 'An upload without any part');
    await staged.complete(signal);
    isComplete = true;
    const sha256 = hash.digest('hex');
    const stored = await bucket.head(staged.key, signal);
    if (stored?.bytes !== bytes)
      throw new FieldlineError('PROTOCOL', `Sent were ${bytes} bytes, the object store has ${stored?.bytes ?? 0}`);
    const etag = await bucket.copy(stored, key, sha256);
    if (etag === null) throw new FieldlineError('CONFLICT', 'An upload was removed before it was complete');
    return { etag, bytes, sha256 };
  } finally {
    // Best effort: what is left over is invisible, and swept later.
    if (staged) await (isComplete ? bucket.remove(staged.key) : staged.abort()).catch(() => undefined);
  }
}

/** The content in parts of PART_BYTES; the last one is the rest, also when nothing is left. */
async function* partsOf(
  content: Readable | Buffer,
  bytesMax: number,
  signal: AbortSignal | undefined,
  onChunk: (chunk: Buffer) => void,
): AsyncGenerator<{ part: Buffer; isLast: boolean }> {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let bytes = 0;
  for await (const chunk of chunksOf(content, signal)) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new FieldlineError('ASSET_TOO_LARGE', `The file has more than ${bytesMax} bytes`);
    onChunk(chunk);
    waiting.push(chunk);
    waitingBytes += chunk.length;
    while (waitingBytes > PART_BYTES) {
      const all = Buffer.concat(waiting, waitingBytes);
      yield { part: all.subarray(0, PART_BYTES), isLast: false };
      waiting = [all.subarray(PART_BYTES)];
      waitingBytes -= PART_BYTES;
    }
  }
  yield { part: Buffer.concat(waiting, waitingBytes), isLast: true };
}

async function* chunksOf(content: Readable | Buffer, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  const given = () => new FieldlineError('ABORTED', 'The upload was given up', { cause: signal?.reason });
  if (signal?.aborted) {
    if (!Buffer.isBuffer(content)) content.destroy();
    throw given();
  }
  if (Buffer.isBuffer(content)) {
    yield content;
    return;
  }
  // A source that has gone quiet would otherwise never notice.
  const onAbort = () => content.destroy(given());
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    for await (const chunk of content) yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk as string);
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}
