/** A copy of a site becomes its data directory again. */
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { errorMessage, FieldlineError } from '@/lib/errors';
import { FORMAT_FILE, type Format } from '../data-dir';
import type { LinkRecord } from '../links/context';
import { assertEmpty } from './back-up';
import { BACKUP_VERSION, digestOf, INSTALLATION, INSTALLATION_FOLDERS, MANIFEST_FILE, type Manifest } from './manifest';

const LINKS_FILE = 'links/links.json';

/**
 * Restores a copy into `<dataDir>/<site>`, which must not hold anything. The whole copy is checked against its digests before the directory
 * has its name. Links are told that they begin from a copy: they take back from HQ what this site wrote after it was taken, before anything
 * new is written. Users, keys and what else lies beside a site come to lie in `dataDir`, where there are none yet. Fails with DATA_DIR_UNUSABLE.
 */
export async function restore(source: string, dataDirectory: string): Promise<Manifest> {
  const manifest = await readManifest(source);
  const target = path.join(dataDirectory, manifest.site);
  await assertEmpty(target);
  const partial = `${target}.restoring`;
  await rm(partial, { recursive: true, force: true });
  const beside = `${partial}-${INSTALLATION}`;
  await rm(beside, { recursive: true, force: true });
  for (const file of manifest.files) {
    const isBeside = file.path.startsWith(`${INSTALLATION}/`);
    await copyChecked(
      source,
      isBeside ? beside : partial,
      file,
      isBeside ? file.path.slice(INSTALLATION.length + 1) : file.path,
    );
  }
  await markLinks(path.join(partial, LINKS_FILE));
  await markFormat(path.join(partial, FORMAT_FILE));
  // The site last: with it, the restore is done.
  for (const name of INSTALLATION_FOLDERS) await putBeside(path.join(beside, name), path.join(dataDirectory, name));
  await rm(beside, { recursive: true, force: true });
  await rm(target, { recursive: true, force: true });
  await rename(partial, target);
  return manifest;
}

/** What is there already is another site's of the same installation, or was restored before: it stays. */
async function putBeside(from: string, to: string): Promise<void> {
  const isThere = (await readdir(to).catch(() => [])).length > 0;
  if (isThere) return;
  await rm(to, { recursive: true, force: true });
  await rename(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

async function readManifest(source: string): Promise<Manifest> {
  let manifest: Manifest;
  try {
    manifest = JSON.parse(await readFile(path.join(source, MANIFEST_FILE), 'utf8')) as Manifest;
  } catch (cause) {
    throw new FieldlineError('DATA_DIR_UNUSABLE', `${source} holds no copy of a site: ${errorMessage(cause)}`, {
      cause,
    });
  }
  if (manifest.version > BACKUP_VERSION)
    throw new FieldlineError(
      'DATA_DIR_UNUSABLE',
      `The copy in ${source} has format ${manifest.version}; this build knows formats up to ${BACKUP_VERSION}`,
      { remedy: `Restore it with Fieldline ${manifest.program} or newer` },
    );
  return manifest;
}

/** `name`: where it comes to lie below `target`. */
async function copyChecked(
  source: string,
  target: string,
  file: Manifest['files'][number],
  name: string,
): Promise<void> {
  const to = path.join(target, name);
  const damaged = (cause?: unknown) =>
    new FieldlineError('DATA_DIR_UNUSABLE', `The copy in ${source} is damaged: ${file.path} is not what was copied`, {
      cause,
      remedy: 'Restore another copy',
    });
  if (path.relative(target, to).startsWith('..')) throw damaged();
  await mkdir(path.dirname(to), { recursive: true, mode: 0o700 });
  try {
    // Not a link: the copy has to stay what it is, whatever the site does.
    await copyFile(path.join(source, file.path), to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw damaged(error);
    throw error;
  }
  if ((await digestOf(to)).sha256 !== file.sha256) throw damaged();
}

/** Mirrors of this site's volumes learn from it that what is missing here was not taken away on purpose. */
async function markFormat(file: string): Promise<void> {
  const format = JSON.parse(await readFile(file, 'utf8')) as Format;
  await writeFile(file, `${JSON.stringify({ ...format, restoredAt: Date.now() } satisfies Format)}\n`);
}

async function markLinks(file: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return;
  const { links } = JSON.parse(text) as { links: LinkRecord[] };
  await writeFile(file, JSON.stringify({ links: links.map((record) => ({ ...record, restored: true })) }));
}
