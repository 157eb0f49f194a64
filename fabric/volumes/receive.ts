import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FieldlineError } from '@/lib/errors';
import type { WriteOptions } from './types';

/** No file is larger: 1 TiB, far above any single image or clip. */
export const FILE_BYTES_MAX = 2 ** 40;

/** Opens a new file for writing. A test passes one that runs out of space. */
export type CreateFile = (file: string) => Promise<FileHandle>;
export const createFile: CreateFile = (file) => open(file, 'wx');

/** What a file on disk is, as the index keeps it. */
export interface Received {
  bytes: number;
  sha256: string;
  inode: number;
  inodeMtimeMs: number;
}

/**
 * Streams `content` into the new file `staged`, digesting on the way, and resolves when it is fsynced.
 * Fails as the stream does; with REQUEST_INVALID above the limit; with DIGEST_MISMATCH. The caller removes what is left over.
 */
export async function receive(
  create: CreateFile,
  staged: string,
  content: Readable,
  options: WriteOptions,
): Promise<Received> {
  const bytesMax = Math.min(options.bytesMax ?? FILE_BYTES_MAX, FILE_BYTES_MAX);
  const hash = createHash('sha256');
  const handle = await create(staged);
  try {
    let bytes = 0;
    await pipeline(
      content,
      async (source: AsyncIterable<Buffer>) => {
        for await (const chunk of source) {
          bytes += chunk.length;
          if (bytes > bytesMax)
            throw new FieldlineError('REQUEST_INVALID', `The file is larger than the limit of ${bytesMax} bytes`);
          hash.update(chunk);
          await writeAll(handle, chunk);
        }
      },
      { signal: options.signal },
    );
    const sha256 = hash.digest('hex');
    if (options.sha256 !== undefined && options.sha256 !== sha256)
      throw new FieldlineError(
        'DIGEST_MISMATCH',
        `The file was damaged on the way: its SHA-256 is ${sha256}, expected was ${options.sha256}`,
      );
    await handle.datasync();
    const facts = await handle.stat();
    return { bytes, sha256, inode: facts.ino, inodeMtimeMs: facts.mtimeMs };
  } finally {
    await handle.close();
  }
}

/** Writes the whole chunk; a single write may be short. */
export async function writeAll(handle: FileHandle, chunk: Buffer): Promise<void> {
  let done = 0;
  while (done < chunk.length) done += (await handle.write(chunk, done, chunk.length - done)).bytesWritten;
}
