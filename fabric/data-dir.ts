/** A data directory belongs to one running fabric, and says which format it is in. */
import { constants } from 'node:fs';
import { access, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { errorMessage, FieldlineError } from '@/lib/errors';
import { type DirectoryLock, lockDirectory } from '@/lib/process/lock.mjs';

/** Raised when a newer build writes what this one can not read. */
export const DATA_FORMAT_VERSION = 1;
export const FORMAT_FILE = 'format.json';

export interface Format {
  version: number;
  site: string;
  /** When the directory was made of a copy (`npm run restore`), ms since the epoch; what came after that copy is not in it. */
  restoredAt?: number;
}

export interface DataDirectory {
  path: string;
  /** When it was made of a copy; null: never. */
  restoredAt: number | null;
  release(): Promise<void>;
}

/**
 * Takes the directory for this process before anything in it is touched: a second instance that only failed at its port has
 * by then run recovery on the first one's files.
 *
 * Fails with DATA_DIR_UNUSABLE (not writable, another site's, a newer format) or DATA_DIR_LOCKED.
 */
export async function takeDataDirectory(directory: string, site: string): Promise<DataDirectory> {
  const absolute = path.resolve(directory);
  try {
    await mkdir(absolute, { recursive: true });
    await access(absolute, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new FieldlineError(
      'DATA_DIR_UNUSABLE',
      `The data directory ${absolute} can not be used: ${errorMessage(cause)}`,
      {
        cause,
        remedy: 'Choose a directory this user may write',
      },
    );
  }
  const held = await lock(absolute);
  let format: Format;
  try {
    format = await checkFormat(absolute, site);
  } catch (error) {
    await held.release();
    throw error;
  }
  return { path: absolute, restoredAt: format.restoredAt ?? null, release: () => held.release() };
}

async function checkFormat(directory: string, site: string): Promise<Format> {
  const file = path.join(directory, FORMAT_FILE);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    // Whole or not at all: half a file, from a full disk, would be refused at every later start.
    const made: Format = { version: DATA_FORMAT_VERSION, site };
    await writeFile(`${file}.tmp`, `${JSON.stringify(made)}\n`);
    await rename(`${file}.tmp`, file);
    return made;
  }
  const unusable = (why: string, remedy: string) =>
    new FieldlineError('DATA_DIR_UNUSABLE', `The data directory ${directory} ${why}`, { remedy });
  let format: Format;
  try {
    format = JSON.parse(text) as Format;
  } catch {
    throw unusable(`holds a ${FORMAT_FILE} that is not JSON`, 'Restore it from a backup, or choose another directory');
  }
  if (format.version > DATA_FORMAT_VERSION)
    throw unusable(
      `is in format ${format.version}; this build knows formats up to ${DATA_FORMAT_VERSION}`,
      'Run the newer build that wrote it',
    );
  if (format.site !== site)
    throw unusable(`belongs to the site ${format.site}, not to ${site}`, 'Choose another directory');
  return format;
}

async function lock(directory: string): Promise<DirectoryLock> {
  const taken = await lockDirectory(directory, 'fabric');
  if (taken) return taken;
  throw new FieldlineError('DATA_DIR_LOCKED', `The data directory ${directory} is in use by another running fabric`, {
    remedy: 'Stop that one, or choose another directory',
  });
}
