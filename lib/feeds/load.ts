/** Reads feed definitions and builds the feeds. */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Clock, systemClock } from '@/lib/clock/clock';
import { errorMessage, FieldlineError } from '@/lib/errors';
import {
  APP_SCHEME,
  type FeedDefinition,
  FeedDefinitionSchema,
  type JsonFeedDefinition,
  type NasaFeedDefinition,
} from './definition';
import { createFolderFeed } from './folder-feed';
import { describeIssues } from './issues';
import { createJsonFeed } from './json-feed';
import { createNasaFeed } from './nasa-feed';
import { type FeedSource, fileSource, urlSource } from './source';
import type { DownloadPolicy, Feed, FeedContext, LoadedFeeds } from './types';

/** A definition is written by hand; more is another kind of file. */
const DEFINITION_BYTES_MAX = 1024 * 1024;
/** Each is polled on its own; more than this on one installation is a mistake. */
const FEEDS_MAX = 200;

/**
 * Reads definitions from files, and from the `*.json` files of directories. Never rejects for what is in them: a bad file or entry becomes one of
 * `problems`, and the others are still there.
 */
export async function loadFeeds(
  paths: readonly string[],
  context: FeedContext,
  clock: Clock = systemClock,
): Promise<LoadedFeeds> {
  const feeds: Feed[] = [];
  const skipped: { id: string; reason: string }[] = [];
  const problems: FieldlineError[] = [];
  const whereById = new Map<string, string>();
  for (const file of await definitionFiles(paths, problems)) {
    for (const { where, definition } of await readDefinitions(file, problems)) {
      const earlier = whereById.get(definition.id);
      if (earlier) {
        problems.push(invalid(`${where}: the id "${definition.id}" is already used by ${earlier}`));
        continue;
      }
      whereById.set(definition.id, where);
      const reason = skipReason(definition, context);
      if (reason) skipped.push({ id: definition.id, reason });
      else if (feeds.length >= FEEDS_MAX) problems.push(invalid(`${where}: more than ${FEEDS_MAX} feeds`));
      else feeds.push(createFeed(definition, path.dirname(file), context, clock));
    }
  }
  return { feeds, skipped, problems };
}

/** Builds one feed. `folder` is what relative paths of the definition are relative to. */
function createFeed(definition: FeedDefinition, folder: string, context: FeedContext, clock: Clock): Feed {
  if (definition.kind === 'folder')
    return createFolderFeed(definition, { folder: path.resolve(folder, definition.path), clock });
  const { downloads, source } = connect(definition, folder, context, clock);
  return definition.kind === 'json'
    ? createJsonFeed(definition, downloads, source)
    : createNasaFeed(definition, downloads, source);
}

function connect(
  definition: JsonFeedDefinition | NasaFeedDefinition,
  folder: string,
  context: FeedContext,
  clock: Clock,
): { downloads: DownloadPolicy; source: FeedSource } {
  const hosts = [...definition.allowPrivateHosts, ...context.allowPrivateHosts];
  if (definition.file !== undefined) {
    const file = path.resolve(folder, definition.file);
    const downloads = { allowPrivateHosts: hosts, allowedFolders: [path.dirname(file)] };
    return { downloads, source: fileSource(definition.id, file) };
  }
  const url = absoluteUrl(definition.url ?? '', context);
  // Whoever configured the feed's address trusts that host; its links usually lead there.
  const allowPrivateHosts = [hostAndPort(new URL(url)), ...hosts];
  const source = urlSource({ feedId: definition.id, url, allowPrivateHosts, clock });
  return { downloads: { allowPrivateHosts, allowedFolders: [] }, source };
}

function skipReason(definition: FeedDefinition, context: FeedContext): string | null {
  if (!definition.enabled) return 'it is switched off (enabled: false)';
  const ofApp = definition.kind !== 'folder' && definition.url?.startsWith(APP_SCHEME);
  return ofApp && context.appBaseUrl === null ? 'this installation serves no sample (demo: false)' : null;
}

async function definitionFiles(paths: readonly string[], problems: FieldlineError[]): Promise<string[]> {
  const files: string[] = [];
  for (const given of paths) {
    try {
      const isDirectory = (await stat(given)).isDirectory();
      const names = isDirectory ? (await readdir(given)).filter((name) => name.endsWith('.json')).sort() : [];
      files.push(...(isDirectory ? names.map((name) => path.join(given, name)) : [given]));
    } catch (cause) {
      problems.push(invalid(`The feeds at ${given} can not be read: ${errorMessage(cause)}`, cause));
    }
  }
  return files;
}

async function readDefinitions(
  file: string,
  problems: FieldlineError[],
): Promise<{ where: string; definition: FeedDefinition }[]> {
  let content: unknown;
  try {
    if ((await stat(file)).size > DEFINITION_BYTES_MAX)
      throw new Error(`it is larger than ${DEFINITION_BYTES_MAX} bytes`);
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    problems.push(
      invalid(
        `The feed file ${file} ${cause instanceof SyntaxError ? 'is not JSON' : 'can not be read'}: ${errorMessage(cause)}`,
        cause,
      ),
    );
    return [];
  }
  const entries = Array.isArray(content) ? content : [content];
  const found: { where: string; definition: FeedDefinition }[] = [];
  for (const [index, entry] of entries.entries()) {
    const where = Array.isArray(content) ? `${file}, entry ${index + 1}` : file;
    const parsed = FeedDefinitionSchema.safeParse(entry);
    if (parsed.success) found.push({ where, definition: parsed.data });
    else
      problems.push(
        invalid(`The feed file ${where}${named(entry)} is not valid: ${describeIssues(parsed.error)}`, parsed.error),
      );
  }
  return found;
}

/** ` ("my-feed")`, where the entry has something like an id. */
function named(entry: unknown): string {
  const id = (entry as { id?: unknown } | null)?.id;
  return typeof id === 'string' ? ` ("${id.slice(0, 40)}")` : '';
}

function absoluteUrl(url: string, context: FeedContext): string {
  return url.startsWith(APP_SCHEME) ? new URL(url.slice(APP_SCHEME.length), context.appBaseUrl ?? undefined).href : url;
}

const hostAndPort = (url: URL) => `${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`;

const invalid = (message: string, cause?: unknown) =>
  new FieldlineError('FEED_INVALID', message, {
    remedy: 'See docs/feeds.md for the form',
    ...(cause === undefined ? {} : { cause }),
  });
