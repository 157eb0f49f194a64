import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { FieldlineError } from '@/lib/errors';

/** A body to send, counted and digested on the way; `sha256` is right once the body has ended. */
export interface Upload {
  body: Readable | Buffer;
  headers: Record<string, string>;
  /** Fails with DIGEST_MISMATCH unless the server stored what was sent. */
  check(stored: { sha256: string | undefined }): void;
  bytes(): number;
  sha256(): string;
}

/** Fails (the body does) with ASSET_TOO_LARGE when more than `bytesMax` come: nothing becomes visible then. */
export function uploadOf(content: Readable | Buffer, bytesMax = Number.POSITIVE_INFINITY): Upload {
  const hash = createHash('sha256');
  let bytes = 0;
  let digest: string | null = null;
  const sha256 = () => {
    digest ??= hash.digest('hex');
    return digest;
  };
  const count = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new FieldlineError('ASSET_TOO_LARGE', `The file has more than ${bytesMax} bytes`);
    hash.update(chunk);
  };
  const check: Upload['check'] = (stored) => {
    if (stored.sha256 === undefined || stored.sha256 === sha256()) return;
    throw new FieldlineError('DIGEST_MISMATCH', `Sent was ${sha256()}, the server stored ${stored.sha256}`);
  };
  const rest = { check, bytes: () => bytes, sha256 };
  if (Buffer.isBuffer(content)) {
    count(content);
    return { body: content, headers: { 'x-content-sha256': sha256() }, ...rest };
  }
  const counted = async function* () {
    for await (const chunk of content) {
      const buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk as string);
      count(buffer);
      yield buffer;
    }
  };
  return { body: Readable.from(counted(), { objectMode: false }), headers: {}, ...rest };
}
