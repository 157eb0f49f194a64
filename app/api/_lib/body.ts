import { FieldlineError } from '@/lib/errors';

/** The largest body is 1000 asset ids of at most 128 characters. */
export const BODY_BYTES_MAX = 256 * 1024;

/**
 * The body as JSON. Fails with MEDIA_TYPE_UNSUPPORTED when it is not declared as JSON (a form of another site could send such a body
 * without asking first), REQUEST_TOO_LARGE, REQUEST_INVALID.
 */
export async function readJson(request: Request): Promise<unknown> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw new FieldlineError('MEDIA_TYPE_UNSUPPORTED', 'The body is not declared as JSON', {
      remedy: 'Send Content-Type: application/json',
    });
  const text = await readText(request);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FieldlineError('REQUEST_INVALID', 'The body is not JSON', { cause });
  }
}

async function readText(request: Request): Promise<string> {
  if (Number(request.headers.get('content-length') ?? 0) > BODY_BYTES_MAX) throw tooLarge();
  if (!request.body) return '';
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return Buffer.concat(chunks).toString('utf8');
    bytes += value.length;
    if (bytes > BODY_BYTES_MAX) {
      await reader.cancel();
      throw tooLarge();
    }
    chunks.push(value);
  }
}

const tooLarge = () => new FieldlineError('REQUEST_TOO_LARGE', `The body is larger than ${BODY_BYTES_MAX} bytes`);
