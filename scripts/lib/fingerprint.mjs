import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** SHA-256 over the names and contents of files and folders: equal trees have equal fingerprints, whatever their dates. */
export function fingerprint(root, entries) {
  const hash = createHash('sha256');
  const visit = (relative) => {
    const absolute = path.join(root, relative);
    const info = statSync(absolute, { throwIfNoEntry: false });
    if (!info) return;
    if (info.isDirectory()) for (const name of readdirSync(absolute).sort()) visit(path.join(relative, name));
    else hash.update(`${relative}\0${info.size}\0`).update(readFileSync(absolute));
  };
  for (const entry of entries) visit(entry);
  return hash.digest('hex');
}
