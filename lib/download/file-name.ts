/** Names for downloaded files: one path segment that is safe on every file system and honest to the eye. */
import { extensionsOf, isMediaExtension } from './extensions';

export const FILE_NAME_BYTES_MAX = 120;
const NAME_FALLBACK = 'file';
const EXTENSION_LENGTH_MAX = 10;
/** Device names of Windows, with or without an extension. */
const DEVICE_NAMES = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;
/** Stands beside the file in its folder (see services/downloader). */
const TAKEN_NAMES = ['preview.webp'];

/** From a Content-Disposition header (RFC 6266: `filename*` wins over `filename`); null where it names nothing. */
export function dispositionFileName(header: string | undefined): string | null {
  if (!header) return null;
  const extended = /filename\*\s*=\s*(utf-8|iso-8859-1)'[^']*'([^;\s]+)/i.exec(header);
  if (extended) {
    const decoded = decodePercent(extended[2]!, extended[1]!.toLowerCase() === 'utf-8');
    if (decoded !== null) return decoded;
  }
  const plain = /filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(header);
  // Node reads headers as latin1; servers send UTF-8 there all the same.
  return plain ? Buffer.from(plain[1]?.replace(/\\(.)/g, '$1') ?? plain[2]!, 'latin1').toString('utf8') : null;
}

/** The last segment of an address's path, decoded. */
export function urlFileName(url: URL): string {
  const segment = url.pathname.split('/').at(-1) ?? '';
  return decodePercent(segment, true) ?? segment;
}

/**
 * A safe form of `name`: the last path segment, without control, invisible and direction-changing characters, within FILE_NAME_BYTES_MAX, with an
 * extension that fits `mediaType`. Never empty.
 */
export function safeFileName(name: string, mediaType: string): string {
  const segment = name.normalize('NFC').split(/[/\\]/).at(-1) ?? '';
  const clean = segment
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\uFFFD]/gu, '')
    .replace(/[<>:"|?*]/g, '_')
    .replace(/\s+/g, ' ')
    .replace(/^[.\s]+|[.\s]+$/g, '');
  const { stem, extension } = fitExtension(clean, mediaType);
  const safeStem = DEVICE_NAMES.test(`${stem}.`) ? `_${stem}` : stem || NAME_FALLBACK;
  const full = `${cutBytes(safeStem, FILE_NAME_BYTES_MAX - Buffer.byteLength(extension))}${extension}`;
  return TAKEN_NAMES.includes(full.toLowerCase()) ? `file-${full}` : full;
}

/** Keeps an extension that fits the type, replaces one of another kind of media, and adds one where there is none to keep. */
function fitExtension(name: string, mediaType: string): { stem: string; extension: string } {
  const dot = name.lastIndexOf('.');
  const has = dot > 0 && name.length - dot - 1 <= EXTENSION_LENGTH_MAX && /^\.[A-Za-z0-9]+$/.test(name.slice(dot));
  const [stem, extension] = has ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  const fitting = extensionsOf(mediaType);
  if (fitting.length === 0 || fitting.includes(extension.slice(1).toLowerCase())) return { stem, extension };
  const kept = extension && !isMediaExtension(extension.slice(1)) ? name : stem;
  return { stem: kept, extension: `.${fitting[0]}` };
}

/** At most `bytes` of UTF-8, never within a character. */
function cutBytes(text: string, bytes: number): string {
  let size = 0;
  let kept = '';
  for (const character of text) {
    size += Buffer.byteLength(character);
    if (size > bytes) break;
    kept += character;
  }
  return kept.replace(/[.\s]+$/, '') || NAME_FALLBACK;
}

function decodePercent(text: string, utf8: boolean): string | null {
  if (!utf8) return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}
