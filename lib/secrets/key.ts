import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { link, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { errorMessage, FieldlineError } from '../errors';
import { syncDirectory } from '../files/durable';

const KEY_BYTES = 32;
/** The file holds Base64 of the key, as `openssl rand -base64 32` prints it. */
const KEY_TEXT = /^[A-Za-z0-9+/]{43}=$/;
const KEY_ID_CHARACTERS = 16;

export interface SecretKey {
  bytes: Buffer;
  /** Tells one key from another without telling the key: the head of its SHA-256. */
  id: string;
  file: string;
}

/** Fails with SECRET_UNREADABLE, naming the file. */
export function readKey(file: string): SecretKey {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new FieldlineError(
      'SECRET_UNREADABLE',
      `The key of the stored secrets, ${file}, can not be read: ${errorMessage(cause)}`,
      { cause, remedy: 'Restore the key file; without it the stored secrets have to be entered again' },
    );
  }
  if (!KEY_TEXT.test(text))
    throw new FieldlineError(
      'SECRET_UNREADABLE',
      `${file} is no key for stored secrets: it is not 32 bytes in Base64`,
      {
        remedy: 'Restore the key file, or make one with `openssl rand -base64 32`',
      },
    );
  const bytes = Buffer.from(text, 'base64');
  const id = createHash('sha256').update(bytes).digest('hex').slice(0, KEY_ID_CHARACTERS);
  return { bytes, id, file };
}

/** Makes the key where there is none yet; of several that do so at once, one wins. Readable by its owner only. */
export async function ensureKey(file: string): Promise<SecretKey> {
  if (existsSync(file)) return readKey(file);
  const temporary = `${file}.${randomUUID()}.tmp`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(`${randomBytes(KEY_BYTES).toString('base64')}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    // Unlike a rename, a link never replaces a key that is there.
    await link(temporary, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  await syncDirectory(path.dirname(file));
  return readKey(file);
}
