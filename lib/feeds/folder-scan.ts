/** What lies in a watched folder: plain files with whole names, each with the marks that show whether it is still being written. */
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { ITEMS_PER_POLL_MAX } from './types';

const DEPTH_MAX = 16;
/** Names that programs give to what they have not finished. */
const PARTIAL = /(\.(part|partial|crdownload|download|tmp|temp|filepart|swp|lock)|~)$/i;
export const SIDE_FILE_SUFFIX = '.json';

export interface FolderFile {
  /** Below the folder, with `/`. */
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** At most ITEMS_PER_POLL_MAX finished-looking plain files, of more those that changed last; in the order in which they changed. Links, hidden and partial files and side files are left out. Rejects where the folder can not be read. */
export async function scanFolder(folder: string, recursive: boolean, signal: AbortSignal): Promise<FolderFile[]> {
  const files: FolderFile[] = [];
  const waiting = [{ directory: folder, prefix: '', depth: 0 }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { directory, prefix, depth } = next;
    const entries = await readdir(directory, { withFileTypes: true });
    const names = new Set(entries.filter((entry) => entry.isFile()).map((entry) => entry.name));
    for (const entry of entries) {
      signal.throwIfAborted();
      if (entry.name.startsWith('.')) continue;
      const name = `${prefix}${entry.name}`;
      if (entry.isDirectory() && recursive && depth < DEPTH_MAX)
        waiting.push({ directory: path.join(directory, entry.name), prefix: `${name}/`, depth: depth + 1 });
      if (!entry.isFile() || PARTIAL.test(entry.name) || isSideFile(entry.name, names)) continue;
      const found = await look(path.join(directory, entry.name), name);
      if (found) files.push(found);
    }
  }
  return files.sort((a, b) => a.modifiedMs - b.modifiedMs).slice(-ITEMS_PER_POLL_MAX);
}

/** A file as it is now; null where it is gone or no plain file any more. */
export async function look(file: string, name: string): Promise<FolderFile | null> {
  try {
    const stats = await lstat(file);
    return stats.isFile() ? { name, path: file, bytes: stats.size, modifiedMs: stats.mtimeMs } : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

export const sameLook = (a: FolderFile, b: FolderFile) => a.bytes === b.bytes && a.modifiedMs === b.modifiedMs;

/** `map.tif.json` beside `map.tif` describes it. */
const isSideFile = (name: string, names: ReadonlySet<string>) =>
  name.endsWith(SIDE_FILE_SUFFIX) && names.has(name.slice(0, -SIDE_FILE_SUFFIX.length));
