import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { wrongType } from './failures';

const DECODERS: Record<string, () => Transform> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** True where a Content-Encoding header says that the body is not the file itself. */
export const isEncoded = (contentEncoding: string | undefined): contentEncoding is string =>
  contentEncoding !== undefined && !['', 'identity'].includes(contentEncoding.trim().toLowerCase());

/** The body without its Content-Encoding. Limits are counted on the result, so a small answer that swells meets them. Fails with ASSET_WRONG_TYPE. */
export function decodeBody(body: Readable, contentEncoding: string | undefined): Readable {
  if (!isEncoded(contentEncoding)) return body;
  const decoder = DECODERS[contentEncoding.trim().toLowerCase()];
  if (!decoder) {
    body.destroy();
    throw wrongType(`The server sends an encoding that is not known (${contentEncoding.slice(0, 40)})`);
  }
  // Errors reach the reader of the result; pipeline's callback has nothing to add.
  return pipeline(body, decoder(), () => undefined);
}
