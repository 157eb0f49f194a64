import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

/** Every file below a directory, by its path from there, with its size in bytes. Links are not followed. */
export function filesBelow(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const absolute = path.join(entry.parentPath, entry.name);
      return { file: path.relative(directory, absolute), bytes: statSync(absolute).size };
    })
    .sort((a, b) => a.file.localeCompare(b.file));
}
