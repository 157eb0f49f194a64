/**
 * A copy of an embedded site's data, taken while it runs, by another process.
 *
 * The order is what makes it one state: committed offsets first, then tables, volumes, and the logs last. So the copy holds every effect of
 * what its offsets say was done, every file that its rows name, and every message that its rows say was sent; what happened after an offset
 * was copied is done again after a restore, which every consumer is made for. Each part is copied as a crash could leave it: recovery at
 * the next start cuts what is torn.
 */
import { constants } from 'node:fs';
import { copyFile, link, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import Database from 'libsql';
import { FieldlineError } from '@/lib/errors';
import packageJson from '@/package.json';
import { FORMAT_FILE } from '../data-dir';
import { BACKUP_VERSION, digestOf, INSTALLATION, INSTALLATION_FOLDERS, MANIFEST_FILE, type Manifest } from './manifest';

/** First what says what was done, then what was done, then what was said. */
const ORDER = ['groups', 'tables', 'volumes'];
const LAST = 'topics';
/** A copy holds what its site keeps from others. */
const PRIVATE = 0o700;
const DATABASE = 'tables/tables.db';
/** Of a volume: pieces of files that are being received are appended to, and worth nothing without their run. */
const PASSING = /^volumes\/[^/]+\/(incoming|mirror\/partials)(\/|$)/;
/** Files of volumes are replaced, never changed in place: another name for the same bytes is a copy of them. */
const IMMUTABLE = /^volumes\/[^/]+\/files\//;

/**
 * Copies the data of a site (`<dataDir>/<site>`) into a new directory, with what the app and the launcher keep beside it. Fails with DATA_DIR_UNUSABLE,
 * leaving nothing that looks whole.
 */
export async function backUp(source: string, target: string): Promise<Manifest> {
  const format = await readFormat(source);
  await assertEmpty(target);
  const partial = `${target}.partial`;
  await assertEmpty(partial);
  await mkdir(partial, { recursive: true, mode: PRIVATE });
  const names = await readdir(source);
  const rest = names.filter((name) => !ORDER.includes(name) && name !== LAST);
  for (const name of [...rest, ...ORDER, LAST].filter((name) => names.includes(name)))
    await copyTree(source, partial, name);
  // Each of these files is replaced as a whole, or grows at its end.
  for (const name of INSTALLATION_FOLDERS) await copyTree(path.dirname(source), path.join(partial, INSTALLATION), name);
  const manifest: Manifest = {
    version: BACKUP_VERSION,
    program: packageJson.version,
    site: format.site,
    takenAt: new Date().toISOString(),
    files: await listed(partial),
  };
  await writeFile(path.join(partial, MANIFEST_FILE), `${JSON.stringify(manifest, null, 1)}\n`);
  await rename(partial, target);
  return manifest;
}

async function readFormat(source: string): Promise<{ site: string }> {
  try {
    return JSON.parse(await readFile(path.join(source, FORMAT_FILE), 'utf8')) as { site: string };
  } catch (cause) {
    throw new FieldlineError('DATA_DIR_UNUSABLE', `There is no data of an embedded site in ${source}`, { cause });
  }
}

/** Fails with DATA_DIR_UNUSABLE where something is in the way. */
export async function assertEmpty(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  if (names.length > 0)
    throw new FieldlineError('DATA_DIR_UNUSABLE', `${directory} is not empty`, { remedy: 'Choose a new directory' });
}

/** What goes away while it is copied (an expired segment, a file that was replaced) is no longer part of the site. */
async function copyTree(source: string, target: string, relative: string): Promise<void> {
  if (PASSING.test(relative)) return;
  const from = path.join(source, relative);
  const to = path.join(target, relative);
  const info = await stat(from).catch(gone);
  if (!info) return;
  if (info.isDirectory()) {
    await mkdir(to, { recursive: true, mode: PRIVATE });
    // By name: of the segments of a log, all but the last one that is listed are complete.
    for (const name of ((await readdir(from).catch(gone)) ?? []).sort())
      await copyTree(source, target, `${relative}/${name}`);
  } else if (relative === DATABASE) copyDatabase(from, to);
  else if (relative.startsWith(`${DATABASE}-`)) return;
  else if (info.isFile()) await copyOrLink(from, to, IMMUTABLE.test(relative)).catch(gone);
}

const gone = (error: NodeJS.ErrnoException): null => {
  if (error.code === 'ENOENT') return null;
  throw error;
};

/** SQLite's own way to copy a database that is written to: a consistent state, with its log applied. */
function copyDatabase(from: string, to: string): void {
  const db = new Database(from);
  try {
    db.exec(`VACUUM INTO '${to.replaceAll("'", "''")}'`);
  } finally {
    db.close();
  }
}

async function copyOrLink(from: string, to: string, immutable: boolean): Promise<void> {
  if (immutable) {
    const linked = await link(from, to).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') throw error;
        // Another file system, or one without links.
        return false;
      },
    );
    if (linked) return;
  }
  await copyFile(from, to, constants.COPYFILE_FICLONE);
}

async function listed(root: string): Promise<Manifest['files']> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files: Manifest['files'] = [];
  for (const entry of entries.filter((candidate) => candidate.isFile())) {
    const file = path.join(entry.parentPath, entry.name);
    files.push({ path: path.relative(root, file), ...(await digestOf(file)) });
  }
  return files;
}
