import { lstat, realpath } from 'node:fs/promises';
import path from 'node:path';
import { FieldlineError } from '@/lib/errors';
import { checkFilePath } from '@/lib/ports/file-path';

const VOLUME_NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** Checks an absolute path (`/missionx/assets`; a trailing slash is dropped). Fails with PATH_OUTSIDE_VOLUME. */
export function checkAbsolutePath(absolute: string): string {
  if (!absolute.startsWith('/')) throw outside(absolute, 'it must begin with "/"');
  return `/${checkFilePath(absolute.slice(1, absolute.endsWith('/') ? -1 : undefined))}`;
}

/** Checks a volume's name; it becomes a directory name. Fails with REQUEST_INVALID. */
export function checkVolumeName(name: string): string {
  if (!VOLUME_NAME_PATTERN.test(name))
    throw new FieldlineError(
      'REQUEST_INVALID',
      `The volume name ${JSON.stringify(name.slice(0, 200))} is not valid: letters, digits, dots, dashes and underscores, at most 128`,
    );
  return name;
}

function outside(file: string, why: string): FieldlineError {
  return new FieldlineError('PATH_OUTSIDE_VOLUME', `The path ${JSON.stringify(file.slice(0, 200))} is refused: ${why}`);
}

/**
 * The place of a file or directory below `root` (which must be a real path itself). A symbolic link anywhere on the way fails with
 * PATH_OUTSIDE_VOLUME: this store never makes one, so somebody planted it. Null when nothing is there.
 */
export async function resolveInside(root: string, relative: string): Promise<string | null> {
  const full = relative === '' ? root : path.join(root, relative);
  try {
    if ((await realpath(full)) !== full) throw outside(relative, 'a symbolic link is in the way');
    return full;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOTDIR') return null;
    if (code !== 'ENOENT') throw error;
    // A dangling link has no real path either, yet it is a link and not a free name.
    if (await isLink(full)) throw outside(relative, 'a symbolic link is in the way');
    return null;
  }
}

async function isLink(full: string): Promise<boolean> {
  try {
    return (await lstat(full)).isSymbolicLink();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
}
