import type { Readable } from 'node:stream';

/** Path of a file, its bytes, or a stream of them. */
export type MediaSource = string | Buffer | Readable;

export interface Previews {
  /** WebP, at most PREVIEW_PIXELS_MAX on its longer side. */
  readonly preview: Buffer;
  /** `data:image/webp;base64,...` of at most TINY_PREVIEW_BYTES_MAX bytes of image; travels in the broadcast. */
  readonly tiny: string;
  /** Of the original, as shown (turned as its EXIF orientation says). */
  readonly width: number;
  readonly height: number;
}

/** Null where no preview can be made: not an image, broken, or with more pixels than is safe to decode. Rejects only when the source can not be read. */
export type MakePreviews = (source: MediaSource, mediaType: string) => Promise<Previews | null>;
