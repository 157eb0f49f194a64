/** Random secrets that are handed out once and kept as digests. A secret of 256 random bits needs no slow hash. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const SECRET_BYTES = 32;

export const newSecret = (bytes = SECRET_BYTES): string => randomBytes(bytes).toString('base64url');

/** Hex. */
export const digestOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Compares a secret with a digest without telling by its time how much was right. */
export const isSecretOf = (secret: string, digest: string): boolean =>
  digest.length === 64 && timingSafeEqual(Buffer.from(digestOf(secret)), Buffer.from(digest));
