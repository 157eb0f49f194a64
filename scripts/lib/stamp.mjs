/** What something was made from: noted beside it, so that the next start makes it again only when that has changed. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fingerprint } from './fingerprint.mjs';

/**
 * Whether these files and folders are as they were when the stamp was written. They are read only when a date says that one was touched:
 * reading all of them takes longer than everything else that a start does before its first process.
 */
export function isCurrent(root, stamp, entries) {
  if (!existsSync(stamp)) return false;
  const [contents, dates] = readFileSync(stamp, 'utf8').split('\n');
  const now = datesOf(root, entries);
  if (dates === now) return true;
  if (contents !== fingerprint(root, entries)) return false;
  try {
    writeFileSync(stamp, `${contents}\n${now}\n`);
  } catch {
    // Where the build may not be written it is read anew at every start.
  }
  return true;
}

/** What to write as the stamp of these files and folders. */
export function stampOf(root, entries) {
  // The dates first: what is changed while it is read has other dates at the next look.
  const dates = datesOf(root, entries);
  return `${fingerprint(root, entries)}\n${dates}\n`;
}

/** Over names, sizes and the times of the last change of any kind, which no program sets back. */
function datesOf(root, entries) {
  const hash = createHash('sha256');
  const visit = (relative) => {
    const info = statSync(path.join(root, relative), { throwIfNoEntry: false });
    if (!info) return;
    if (info.isDirectory())
      for (const name of readdirSync(path.join(root, relative)).sort()) visit(path.join(relative, name));
    else hash.update(`${relative}\0${info.size}\0${info.ctimeMs}\0`);
  };
  for (const entry of entries) visit(entry);
  return hash.digest('hex');
}
