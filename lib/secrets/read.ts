import { readFileSync } from 'node:fs';
import { errorMessage, FieldlineError } from '../errors';
import { isSealed, unseal } from './envelope';
import { readKey } from './key';
import { nameOf } from './sealer';

/** A password is a line; a bundle of certificates has some hundred KiB at most. */
const FILE_BYTES_MAX = 1024 * 1024;

/**
 * The text of a file without the line end behind it: as a person or a secret manager wrote it, or as `Sealer` sealed it with the key
 * in `keyFile`. Fails with CONFIG_INVALID, or SECRET_UNREADABLE for a sealed one, naming the file, never what is in it.
 */
export function readSecretFile(file: string, keyFile: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new FieldlineError('CONFIG_INVALID', `The file ${file} can not be read: ${errorMessage(cause)}`, { cause });
  }
  if (isSealed(text)) return unseal(nameOf(file), text, readKey(keyFile));
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '' || text.length > FILE_BYTES_MAX)
    throw new FieldlineError('CONFIG_INVALID', `The file ${file} is empty, or larger than ${FILE_BYTES_MAX} bytes`);
  return secret;
}
