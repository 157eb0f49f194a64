import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import type { Clock } from '@/lib/clock/clock';
import { errorMessage, FieldlineError } from '@/lib/errors';
import type { FolderFeedDefinition } from './definition';
import { badEntry, goodEntry } from './entries';
import { type FolderFile, look, SIDE_FILE_SUFFIX, sameLook, scanFolder } from './folder-scan';
import { describeIssues } from './issues';
import { describeFacts, type ItemFacts, ItemFactsSchema, mediaTypeOfName } from './json-form';
import type { Feed, FeedEntry, FeedItem } from './types';

/** A file is complete when size and time of change stay the same this long: copying programs write more often. */
const SETTLE_MS = 1500;
const SIDE_FILE_BYTES_MAX = 64 * 1024;
const SOURCE_ID_LENGTH_MAX = 256;

export interface FolderFeedOptions {
  /** Absolute. */
  readonly folder: string;
  readonly clock: Clock;
  readonly settleMs?: number;
}

/** A watched folder. Its items' links lead into this folder, and nothing else is allowed to be read. */
export function createFolderFeed(definition: FolderFeedDefinition, options: FolderFeedOptions): Feed {
  const { folder, clock, settleMs = SETTLE_MS } = options;
  /** Files that were read, by name, so that an unchanged one is not read again; at most ITEMS_PER_POLL_MAX. */
  const known = new Map<string, { file: FolderFile; item: FeedItem }>();

  function itemKnown(file: FolderFile): FeedItem | null {
    const before = known.get(file.name);
    return before && sameLook(before.file, file) ? before.item : null;
  }

  /** Those that are the same at a second look. */
  async function settled(fresh: readonly FolderFile[], signal: AbortSignal): Promise<FolderFile[]> {
    if (fresh.length === 0) return [];
    await clock.sleep(settleMs, signal);
    const complete: FolderFile[] = [];
    for (const file of fresh) {
      const again = await look(file.path, file.name);
      if (again && sameLook(file, again)) complete.push(file);
    }
    return complete;
  }

  return {
    definition,
    downloads: { allowPrivateHosts: [], allowedFolders: [folder] },
    async *poll(signal) {
      signal.throwIfAborted();
      const files = await scanFolder(folder, definition.recursive, signal).catch((cause: unknown) => {
        if (signal.aborted) throw signal.reason;
        const message = `Feed ${definition.id} can not be read: ${errorMessage(cause)}`;
        throw new FieldlineError('FEED_UNAVAILABLE', message, { cause });
      });
      const there = new Set(files.map((file) => file.name));
      for (const name of known.keys()) if (!there.has(name)) known.delete(name);

      const fresh: FolderFile[] = [];
      for (const file of files) {
        const item = itemKnown(file);
        if (item) yield { ok: true, item };
        else fresh.push(file);
      }
      for (const file of await settled(fresh, signal)) {
        const entry = await readEntry(definition.id, file, signal);
        if (entry?.ok) known.set(file.name, { file, item: entry.item });
        if (entry) yield entry;
      }
    },
  };
}

/** Null where the file changed while it was read: its digest would be of a file that never was. */
async function readEntry(feedId: string, file: FolderFile, signal: AbortSignal): Promise<FeedEntry | null> {
  const name = `file "${file.name}"`;
  if (file.name.length > SOURCE_ID_LENGTH_MAX)
    return badEntry(feedId, name, `the name is longer than ${SOURCE_ID_LENGTH_MAX} characters`);
  if (file.bytes === 0) return badEntry(feedId, name, 'it is empty');
  try {
    const facts = await readSideFile(file);
    if (!facts.ok) return badEntry(feedId, name, facts.reason);
    const sha256 = await digest(file.path, signal);
    const now = await look(file.path, file.name);
    return now && sameLook(now, file) ? goodEntry(feedId, name, itemOf(file, sha256, facts.facts)) : null;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    return badEntry(feedId, name, `it can not be read: ${errorMessage(error)}`);
  }
}

function itemOf(file: FolderFile, sha256: string, facts: Partial<ItemFacts>): FeedItem {
  const base = file.name.split('/').at(-1) ?? file.name;
  const stem = base.replace(/\.[A-Za-z0-9]{1,10}$/, '').replaceAll('_', ' ');
  const mediaType = mediaTypeOfName(base);
  return {
    sourceId: file.name,
    ...describeFacts({ ...facts, title: facts.title ?? stem }, mediaType),
    link: pathToFileURL(file.path).href,
    ...(mediaType === undefined ? {} : { mediaType }),
    // The bytes alone: a file that was only touched is the same content.
    contentKey: `sha256:${sha256}`,
  };
}

const SideFileSchema = ItemFactsSchema.partial();

/** What the side file tells; nothing where there is none. */
async function readSideFile(
  file: FolderFile,
): Promise<{ ok: true; facts: Partial<ItemFacts> } | { ok: false; reason: string }> {
  const name = `${file.name.split('/').at(-1)}${SIDE_FILE_SUFFIX}`;
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(`${file.path}${SIDE_FILE_SUFFIX}`);
  } catch (error) {
    // A name so long that nothing can lie beside it.
    if (['ENOENT', 'ENAMETOOLONG'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return { ok: true, facts: {} };
    throw error;
  }
  try {
    if ((await handle.stat()).size > SIDE_FILE_BYTES_MAX)
      return { ok: false, reason: `${name} is larger than ${SIDE_FILE_BYTES_MAX} bytes` };
    const parsed = SideFileSchema.safeParse(JSON.parse(await handle.readFile('utf8')));
    return parsed.success
      ? { ok: true, facts: parsed.data }
      : { ok: false, reason: `${name}: ${describeIssues(parsed.error)}` };
  } catch (error) {
    if (error instanceof SyntaxError) return { ok: false, reason: `${name} is not JSON` };
    throw error;
  } finally {
    await handle.close();
  }
}

async function digest(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash, { signal });
  return hash.digest('hex');
}
