/** The few file-system steps that make a change survive a power cut, and the wording of a full disk. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import { asFieldlineError, FieldlineError } from '@/lib/errors';
import { syncDirectory } from '@/lib/files/durable';

const HASH_READ_BYTES = 1024 * 1024;

/** Creates a directory with its parents, durably. */
export async function makeDirectory(directory: string): Promise<void> {
  const first = await mkdir(directory, { recursive: true });
  if (first === undefined) return;
  // Each directory that came into being is an entry of the one above it.
  let above = path.dirname(directory);
  for (;;) {
    await syncDirectory(above);
    if (above === path.dirname(first) || above === path.dirname(above)) return;
    above = path.dirname(above);
  }
}

/** Removes a file that may be gone already. True when it was there. */
export async function removeIfThere(file: string): Promise<boolean> {
  try {
    await unlink(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** The SHA-256 of what is on disk, lowercase hex. */
export async function sha256OfFile(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: HASH_READ_BYTES, signal })) hash.update(chunk);
  return hash.digest('hex');
}

/** Gives an operating-system error of a write its code: a full disk is DISK_FULL, a path taken by the other kind of thing CONFLICT. */
export function asStorageError(error: unknown): FieldlineError {
  const code = (error as NodeJS.ErrnoException)?.code;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new FieldlineError('DISK_FULL', 'The disk of this fabric is full', {
      cause: error,
      remedy: 'Free some space; reading goes on meanwhile',
    });
  if (code === 'EISDIR' || code === 'ENOTDIR' || code === 'EEXIST' || code === 'ENOTEMPTY')
    return new FieldlineError(
      'CONFLICT',
      'A directory is where the file should be, or a file where a directory should be',
      {
        cause: error,
      },
    );
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE' || (error as Error)?.name === 'AbortError')
    return new FieldlineError('ABORTED', 'The upload ended before the file was complete; nothing of it was kept', {
      cause: error,
    });
  return asFieldlineError(error);
}
