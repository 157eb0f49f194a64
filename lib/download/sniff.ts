/** What a file is, by its first bytes. Signatures from the formats' own specifications. */
import { isUtf8 } from 'node:buffer';

/** Enough for every signature below, and for an HTML page to show itself behind comments. */
export const SNIFF_BYTES = 4096;

type Matcher = (head: Buffer) => boolean;
const at = (offset: number, signature: string | readonly number[]): Matcher => {
  const bytes = typeof signature === 'string' ? Buffer.from(signature, 'latin1') : Buffer.from(signature);
  return (head) => head.subarray(offset, offset + bytes.length).equals(bytes);
};
const both =
  (a: Matcher, b: Matcher): Matcher =>
  (head) =>
    a(head) && b(head);
/** ISO base media files: a box of type `ftyp` first, then the brand. */
const brand = (...brands: string[]): Matcher =>
  both(at(4, 'ftyp'), (head) => brands.includes(head.toString('latin1', 8, 12)));

const SIGNATURES: readonly (readonly [string, Matcher])[] = [
  ['image/jpeg', at(0, [0xff, 0xd8, 0xff])],
  ['image/png', at(0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])],
  ['image/gif', (head) => at(0, 'GIF87a')(head) || at(0, 'GIF89a')(head)],
  ['image/webp', both(at(0, 'RIFF'), at(8, 'WEBP'))],
  // TIFF and BigTIFF, in both byte orders.
  ['image/tiff', (head) => ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].some((signature) => at(0, signature)(head))],
  ['image/avif', brand('avif', 'avis')],
  ['image/heic', brand('heic', 'heix', 'hevc', 'mif1', 'msf1')],
  ['image/jp2', at(0, [0, 0, 0, 0x0c, 0x6a, 0x50, 0x20, 0x20])],
  ['image/jxl', (head) => at(0, [0xff, 0x0a])(head) || at(0, [0, 0, 0, 0x0c, 0x4a, 0x58, 0x4c, 0x20])(head)],
  ['image/bmp', both(at(0, 'BM'), at(6, [0, 0, 0, 0]))],
  ['image/nitf', (head) => at(0, 'NITF')(head) || at(0, 'NSIF')(head)],
  ['video/quicktime', brand('qt  ')],
  ['audio/mp4', brand('M4A ', 'M4B ')],
  ['video/mp4', at(4, 'ftyp')],
  ['video/quicktime', (head) => ['moov', 'mdat', 'wide', 'free'].some((box) => at(4, box)(head)) && head[0] === 0],
  ['video/webm', both(at(0, [0x1a, 0x45, 0xdf, 0xa3]), (head) => head.includes('webm'))],
  ['video/x-matroska', at(0, [0x1a, 0x45, 0xdf, 0xa3])],
  ['video/x-msvideo', both(at(0, 'RIFF'), at(8, 'AVI '))],
  ['video/mpeg', (head) => at(0, [0, 0, 1, 0xba])(head) || at(0, [0, 0, 1, 0xb3])(head)],
  ['video/mp2t', both(at(0, 'G'), both(at(188, 'G'), at(376, 'G')))],
  ['video/x-flv', at(0, 'FLV\x01')],
  ['video/ogg', both(at(0, 'OggS'), (head) => head.includes('theora'))],
  ['audio/ogg', at(0, 'OggS')],
  ['audio/wav', both(at(0, 'RIFF'), at(8, 'WAVE'))],
  ['audio/flac', at(0, 'fLaC')],
  ['audio/mpeg', (head) => at(0, 'ID3')(head) || (head[0] === 0xff && ((head[1] ?? 0) & 0xe6) === 0xe2)],
  ['application/pdf', at(0, '%PDF-')],
  ['application/x-hdf5', at(0, [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a])],
  ['application/zip', (head) => at(0, 'PK\x03\x04')(head) || at(0, 'PK\x05\x06')(head)],
  ['application/gzip', at(0, [0x1f, 0x8b])],
  ['application/x-7z-compressed', at(0, [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c])],
  ['application/x-ole-storage', at(0, [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])],
];

const HTML_START = /^(<!doctype\s+html|<(html|head|body|script|title|iframe|meta|style|div|h1|p|a|table)[\s>/])/i;

/** The media type, or null where the bytes tell nothing. Text is told apart from binary, and HTML, SVG, XML and JSON from other text. */
export function sniffMediaType(head: Buffer): string | null {
  const found = SIGNATURES.find(([, matches]) => matches(head));
  if (found) return found[0];
  return sniffText(head);
}

function sniffText(head: Buffer): string | null {
  const text = decodeText(head);
  if (text === null) return null;
  const start = text.replace(/^(\s|<!--[\s\S]*?-->)+/, '');
  if (HTML_START.test(start)) return 'text/html';
  const root = start.replace(/^<\?xml[^>]*\?>/, '').replace(/^(\s|<!--[\s\S]*?-->|<!doctype[^>]*>)+/i, '');
  if (/^<svg[\s>]/i.test(root)) return 'image/svg+xml';
  if (/^<html[\s>]/i.test(root)) return 'text/html';
  if (start.startsWith('<?xml')) return 'application/xml';
  if (/^[{[]/.test(start)) return 'application/json';
  return 'text/plain';
}

/** Null for binary. A character cut at the end of `head` is no reason to call text binary. */
function decodeText(head: Buffer): string | null {
  if (head.length === 0) return null;
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff))
    return new TextDecoder(head[0] === 0xff ? 'utf-16le' : 'utf-16be').decode(head);
  if (
    head.some(
      (byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0x0c && byte !== 0x1b,
    )
  )
    return null;
  const whole = [0, 1, 2, 3].some((cut) => isUtf8(head.subarray(0, head.length - cut)));
  return new TextDecoder(whole ? 'utf-8' : 'windows-1252').decode(head);
}
