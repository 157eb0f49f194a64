import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { assetPath } from '@/lib/domain/asset';
import { VOLUMES } from '@/lib/domain/naming';
import { FieldlineError } from '@/lib/errors';
import type { Runtime, SiteRuntime } from '../contract';
import { type EdgeAssetRow, type HqAssetRow, previewPath } from '../rows';
import { parseAssetRow } from '../views';
import { assetRowOf } from './assets';
import { byteRangeOf } from './byte-range';
import { siteOf } from './lookup';

/** What of a request decides how bytes are answered: the headers of RFC 9110, sections 13 and 14. */
export interface ContentWish {
  range: string | null;
  ifRange: string | null;
  ifNoneMatch: string | null;
  signal?: AbortSignal;
}

export interface Content {
  mediaType: string;
  fileName: string;
  /** Quoted, strong. */
  etag: string;
  /** Of the whole. */
  bytes: number;
  /** What is served; null when the client has it already (304). */
  part: { start: number; end: number; whole: boolean; stream: Readable } | null;
}

/**
 * The file of an asset as this site has it. Fails with NOT_FOUND while it is not here (not downloaded, not delivered),
 * RANGE_UNSATISFIABLE, UNAVAILABLE.
 */
export async function openContent(runtime: Runtime, siteId: string, id: string, wish: ContentWish): Promise<Content> {
  const site = siteOf(runtime, siteId);
  const row = parseAssetRow(site.role, await assetRowOf(site, id));
  const file = row.file;
  if (!file || (site.role === 'edge' && row.status !== 'delivered')) throw notHere(site, row);
  const volume = site.role === 'hq' ? VOLUMES.assets : VOLUMES.inbound;
  const about = { mediaType: file.mediaType, fileName: file.fileName, etag: `"${file.sha256}"`, bytes: file.bytes };
  if (isKnown(wish.ifNoneMatch, about.etag)) return { ...about, part: null };
  // A range of another version than the client has parts of would mix two files.
  const range = wish.ifRange === null || wish.ifRange === about.etag ? byteRangeOf(wish.range, file.bytes) : null;
  const content = await site.ports.volumes.get(volume, assetPath(id, file.fileName), {
    ...(range ? { range } : {}),
    ...(wish.signal ? { signal: wish.signal } : {}),
  });
  if (!content) throw notHere(site, row);
  if (content.info.sha256 !== file.sha256) {
    content.stream.destroy();
    throw notHere(site, row);
  }
  return { ...about, part: { ...content.range, whole: range === null, stream: content.stream } };
}

/** A preview image: HQ's large one, else the tiny one of the description. Fails with NOT_FOUND when there is neither, UNAVAILABLE. */
export async function openPreview(runtime: Runtime, siteId: string, id: string, wish: ContentWish): Promise<Content> {
  const site = siteOf(runtime, siteId);
  const row = parseAssetRow(site.role, await assetRowOf(site, id));
  const large = 'hasPreview' in row && row.hasPreview ? await openLarge(site, id, wish) : null;
  if (large) return large;
  const tiny = decodeDataUrl(row.file?.tinyPreview);
  if (!tiny) throw new FieldlineError('NOT_FOUND', `There is no preview of "${row.asset.title}" here`);
  const etag = `"${createHash('sha256').update(tiny.bytes).digest('hex')}"`;
  const about = { mediaType: tiny.mediaType, fileName: 'preview', etag, bytes: tiny.bytes.length };
  if (isKnown(wish.ifNoneMatch, etag)) return { ...about, part: null };
  const end = tiny.bytes.length - 1;
  return { ...about, part: { start: 0, end, whole: true, stream: Readable.from([tiny.bytes]) } };
}

async function openLarge(site: SiteRuntime, id: string, wish: ContentWish): Promise<Content | null> {
  const options = wish.signal ? { signal: wish.signal } : {};
  const content = await site.ports.volumes.get(VOLUMES.assets, previewPath(id), options);
  if (!content) return null;
  const { info, range, stream } = content;
  const about = { mediaType: 'image/webp', fileName: 'preview.webp', etag: `"${info.sha256}"`, bytes: info.bytes };
  if (isKnown(wish.ifNoneMatch, about.etag)) {
    stream.destroy();
    return { ...about, part: null };
  }
  return { ...about, part: { ...range, whole: true, stream } };
}

const notHere = (site: SiteRuntime, row: HqAssetRow | EdgeAssetRow) =>
  new FieldlineError('NOT_FOUND', `The file of "${row.asset.title}" is not at ${site.id}: it is ${row.status}`, {
    remedy: site.role === 'hq' ? 'It is here once it is downloaded' : 'Request it and run the mirror',
  });

/** `If-None-Match`: a list of entity tags, or `*` (RFC 9110, 13.1.2; weak comparison). */
function isKnown(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false;
  const tags = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(etag) || tags.includes('*');
}

function decodeDataUrl(url: string | undefined): { mediaType: string; bytes: Buffer } | null {
  const match = /^data:(image\/[a-z+.-]+);base64,([A-Za-z0-9+/=]+)$/.exec(url ?? '');
  return match ? { mediaType: match[1]!, bytes: Buffer.from(match[2]!, 'base64') } : null;
}
