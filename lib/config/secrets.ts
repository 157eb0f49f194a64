/** The files that a configuration names: passwords, keys, certificate authorities. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { errorMessage, FieldlineError } from '@/lib/errors';

/** A password is a line; a bundle of certificates has some hundred KiB at most. */
const FILE_BYTES_MAX = 1024 * 1024;

/** The text of a file without the line end behind it. Fails with CONFIG_INVALID, naming the file, never what is in it. */
export function readSecretFile(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new FieldlineError('CONFIG_INVALID', `The file ${file} can not be read: ${errorMessage(cause)}`, { cause });
  }
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '' || text.length > FILE_BYTES_MAX)
    throw new FieldlineError('CONFIG_INVALID', `The file ${file} is empty, or larger than ${FILE_BYTES_MAX} bytes`);
  return secret;
}

/** Settings with every path of a file (the keys that end in `File`) made absolute, from `folder`, and looked at once. */
export function resolveFiles<T>(settings: T, folder: string): T {
  if (Array.isArray(settings)) return settings.map((item) => resolveFiles(item, folder)) as T;
  if (typeof settings !== 'object' || settings === null) return settings;
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => {
      if (!key.endsWith('File') || typeof value !== 'string') return [key, resolveFiles(value, folder)];
      const file = path.resolve(folder, value);
      readSecretFile(file);
      return [key, file];
    }),
  ) as T;
}
