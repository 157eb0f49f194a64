import type { Readable } from 'node:stream';
import { BODY_LENGTH_HEADER } from '@/lib/http/incoming';
import type { Content, ContentWish } from '@/services/operations/content';

/** Shown in the page; anything else is saved to disk, since a feed may bring a file that runs scripts (HTML, SVG) on this origin. */
const SHOWN = /^(image\/(?!svg)|video\/|audio\/|application\/pdf$|text\/plain$)/;

export const wishOf = (request: Request): ContentWish => ({
  range: request.headers.get('range'),
  ifRange: request.headers.get('if-range'),
  ifNoneMatch: request.headers.get('if-none-match'),
  signal: request.signal,
});

/** The bytes of an asset as HTTP has them: whole (200), a range (206), or nothing new (304). */
export function contentResponse(content: Content): Response {
  const { part, mediaType, fileName, etag, bytes } = content;
  const headers: Record<string, string> = {
    etag,
    'cache-control': 'private, no-cache, no-transform',
    'accept-ranges': 'bytes',
  };
  if (!part) return new Response(null, { status: 304, headers });
  const disposition = SHOWN.test(mediaType) ? 'inline' : 'attachment';
  Object.assign(headers, {
    'content-type': mediaType === 'text/plain' ? 'text/plain; charset=utf-8' : mediaType,
    [BODY_LENGTH_HEADER]: String(part.end - part.start + 1),
    'content-disposition': `${disposition}; filename*=UTF-8''${encodeRfc8187(fileName)}`,
    'content-security-policy': "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'",
    'x-content-type-options': 'nosniff',
  });
  if (!part.whole) headers['content-range'] = `bytes ${part.start}-${part.end}/${bytes}`;
  return new Response(webStream(part.stream), { status: part.whole ? 200 : 206, headers });
}

/** RFC 8187: percent-encoding that leaves attr-char only. */
const encodeRfc8187 = (text: string) =>
  encodeURIComponent(text).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** Pulled chunk by chunk: Readable.toWeb of Node 20 counts chunks, not bytes, and would buffer a large file for a slow client. */
function webStream(readable: Readable): ReadableStream<Uint8Array> {
  const chunks = readable.iterator() as AsyncIterator<Uint8Array>;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { value, done } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => void readable.destroy(),
    },
    { highWaterMark: 0 },
  );
}
