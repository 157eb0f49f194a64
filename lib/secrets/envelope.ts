/** A secret as it lies on disk: AES-256-GCM, bound to its name, so that two files can not be exchanged for each other. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { FieldlineError } from '../errors';
import type { SecretKey } from './key';

const ALGORITHM = 'aes-256-gcm';
/** What GCM is made for (NIST SP 800-38D); random, and a new one at each write. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const MARK = '{"sealed":';

const EnvelopeSchema = z.strictObject({
  /** The version of this form. */
  sealed: z.literal(1),
  /** The id of the key. */
  key: z.string(),
  nonce: z.base64(),
  tag: z.base64(),
  data: z.base64(),
});

export const isSealed = (text: string) => text.startsWith(MARK);

const boundTo = (name: string) => Buffer.from(`fieldline secret 1 ${name}`);

export function seal(name: string, secret: string, key: SecretKey): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key.bytes, nonce, { authTagLength: TAG_BYTES }).setAAD(boundTo(name));
  const data = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  const envelope: z.infer<typeof EnvelopeSchema> = {
    sealed: 1,
    key: key.id,
    nonce: nonce.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
    data: data.toString('base64'),
  };
  return `${JSON.stringify(envelope)}\n`;
}

/** Fails with SECRET_UNREADABLE: another key, or a text that is not what was sealed under this name. */
export function unseal(name: string, text: string, key: SecretKey): string {
  const unreadable = (why: string, remedy: string) =>
    new FieldlineError('SECRET_UNREADABLE', `The stored secret "${name}" can not be opened: ${why}`, { remedy });
  const parsed = parse(text);
  if (!parsed?.success) throw unreadable('its file is damaged', 'Restore it, or enter the secret again');
  const { data } = parsed;
  if (data.key !== key.id)
    throw unreadable(`it was sealed with another key than ${key.file}`, 'Restore that key, or enter the secret again');
  try {
    const decipher = createDecipheriv(ALGORITHM, key.bytes, Buffer.from(data.nonce, 'base64'), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(boundTo(name)).setAuthTag(Buffer.from(data.tag, 'base64'));
    return Buffer.concat([decipher.update(data.data, 'base64'), decipher.final()]).toString('utf8');
  } catch {
    // The cause would say "unable to authenticate data", in no more words.
    throw unreadable('its file was changed', 'Restore it, or enter the secret again');
  }
}

function parse(text: string) {
  try {
    return EnvelopeSchema.safeParse(JSON.parse(text));
  } catch {
    return null; // Not even JSON: cut short.
  }
}
