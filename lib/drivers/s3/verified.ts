import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { FieldlineError } from '@/lib/errors';

/** What a download is checked against. `sha256` null: a range, whose digest nobody knows. */
export interface Expected {
  path: string;
  bytes: number;
  sha256: string | null;
  /** Words the failure of a connection. */
  failure(error: unknown): FieldlineError;
}

/** `body`, failing at its end with DIGEST_MISMATCH unless it is what is expected, and in words where the connection fails. */
export function verified(body: Readable, expected: Expected): Readable {
  const checked = Readable.from(checkedChunks(body, expected), { objectMode: false });
  // One that is never read has not begun the loop that would end the body.
  checked.once('close', () => body.destroy());
  return checked;
}

async function* checkedChunks(body: Readable, expected: Expected): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  } catch (error) {
    throw expected.failure(error);
  }
  if (bytes !== expected.bytes)
    throw new FieldlineError('UNAVAILABLE', `The connection ended in the middle of "${expected.path}"`);
  const sha256 = hash.digest('hex');
  if (expected.sha256 !== null && sha256 !== expected.sha256)
    throw new FieldlineError('DIGEST_MISMATCH', `"${expected.path}" is damaged: its SHA-256 is ${sha256}`, {
      remedy: `It should be ${expected.sha256}: bring the file again`,
    });
}
