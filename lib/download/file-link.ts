/** `file:` links of watched folders. */
import { constants } from 'node:fs';
import { lstat, open, realpath } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { errorMessage, FieldlineError } from '@/lib/errors';
import { addressRefused, tooLarge } from './failures';

/**
 * Opens a file for reading. Fails with ASSET_ADDRESS_REFUSED where it is not a plain file below one of the folders once symbolic links are resolved,
 * ASSET_TOO_LARGE, or ASSET_UNREACHABLE.
 */
export async function openFileLink(
  url: URL,
  allowedFolders: readonly string[],
  bytesMax: number,
): Promise<{ body: Readable; bytes: number; name: string }> {
  if (allowedFolders.length === 0)
    throw addressRefused('The link leads to a file on this machine, which this feed may not read');
  const file = await realFile(url);
  const folders = await Promise.all(allowedFolders.map((folder) => realpath(folder).catch(() => null)));
  if (!folders.some((folder) => folder !== null && file.startsWith(`${folder}${path.sep}`)))
    throw addressRefused("The link leads to a file outside the feed's folder");
  if (!(await lstat(file)).isFile()) throw addressRefused('The link leads to something that is not a plain file');
  // The resolved path holds no link; should somebody put one there now, opening it fails.
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const { size } = await handle.stat();
  if (size > bytesMax) {
    await handle.close();
    throw tooLarge(bytesMax, size);
  }
  return { body: handle.createReadStream(), bytes: size, name: path.basename(file) };
}

async function realFile(url: URL): Promise<string> {
  try {
    return await realpath(fileURLToPath(url));
  } catch (cause) {
    const gone = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new FieldlineError(
      'ASSET_UNREACHABLE',
      gone ? "The file is no longer in the feed's folder" : `The file can not be read: ${errorMessage(cause)}`,
      { cause, retriable: !gone },
    );
  }
}
