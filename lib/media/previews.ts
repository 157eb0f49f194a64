/** Previews of images: one for the pages, and one tiny enough to travel with the announcement. */
import { access, constants } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { TINY_PREVIEW_BYTES_MAX } from '@/lib/domain/asset';
import { sharp } from './sharp';
import type { MakePreviews, MediaSource, Previews } from './types';

/** Longer side of a preview: a large tile on a dense display. */
export const PREVIEW_PIXELS_MAX = 640;
const PREVIEW_QUALITY = 78;
/** An image with more pixels is not decoded: a few kilobytes can claim gigapixels. The largest frames of common cameras and satellites have fewer. */
export const DECODED_PIXELS_MAX = 200_000_000;
/** A stream is held in memory, a file is not: larger images come as a path. */
export const STREAM_BYTES_MAX = 64 * 1024 * 1024;
/** Decoding that takes longer is given up: the preview is a help, not the asset. */
const DECODE_SECONDS_MAX = 60;
/** Tried in order until one fits TINY_PREVIEW_BYTES_MAX; noise at the last size still does. */
const TINY_ATTEMPTS = [
  { pixels: 144, quality: 56 },
  { pixels: 112, quality: 45 },
  { pixels: 80, quality: 38 },
  { pixels: 32, quality: 20 },
] as const;
/** What the bundled libvips reads from strangers. SVG is left out: it may refer to other files, and can run long. */
const DECODABLE = ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/tiff', 'image/avif'];

export const makePreviews: MakePreviews = async (source, mediaType) => {
  if (!DECODABLE.includes(mediaType)) {
    if (isStream(source)) source.destroy();
    return null;
  }
  const input = isStream(source) ? await collect(source) : source;
  if (input === null) return null;
  // A file that is not there is the caller's trouble; one that does not decode is the image's.
  if (typeof input === 'string') await access(input, constants.R_OK);
  return decode(input).catch(() => null);
};

async function decode(input: string | Buffer): Promise<Previews | null> {
  const open = () => sharp(input, { limitInputPixels: DECODED_PIXELS_MAX, sequentialRead: true });
  const { autoOrient } = await open().metadata();
  const { data: preview, info } = await open()
    .autoOrient()
    .resize(PREVIEW_PIXELS_MAX, PREVIEW_PIXELS_MAX, { fit: 'inside', withoutEnlargement: true })
    .webp({ quality: PREVIEW_QUALITY })
    .timeout({ seconds: DECODE_SECONDS_MAX })
    .toBuffer({ resolveWithObject: true });
  const tiny = await makeTiny(preview, info);
  return tiny === null ? null : { preview, tiny, width: autoOrient.width, height: autoOrient.height };
}

/** From the preview, not from the original: that was expensive enough to decode once. */
async function makeTiny(preview: Buffer, size: { width: number; height: number }): Promise<string | null> {
  for (const { pixels, quality } of TINY_ATTEMPTS) {
    const bytes = await sharp(preview)
      .resize(Math.min(pixels, size.width), Math.min(pixels, size.height), { fit: 'inside' })
      .webp({ quality, effort: 6 })
      .toBuffer();
    if (bytes.length <= TINY_PREVIEW_BYTES_MAX) return `data:image/webp;base64,${bytes.toString('base64')}`;
  }
  return null;
}

const isStream = (source: MediaSource): source is Readable => typeof source !== 'string' && !Buffer.isBuffer(source);

/** The whole stream; null (and the stream let go of) where it holds more than STREAM_BYTES_MAX. Rejects when it fails. */
async function collect(stream: Readable): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += (chunk as Buffer).length;
    if (bytes > STREAM_BYTES_MAX) return null;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
