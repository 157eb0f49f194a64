/** The files that a configuration names: passwords, keys, certificate authorities. */
import path from 'node:path';
import { readSecretFile, SecretStore } from '@/lib/secrets';
import type { FieldlineConfig } from './schema';

type SecretSettings = Pick<FieldlineConfig, 'dataDir' | 'secretsKeyFile'>;

const directoryOf = ({ dataDir }: SecretSettings) => path.join(dataDir, 'secrets');
const keyFileOf = (settings: SecretSettings) => settings.secretsKeyFile ?? path.join(directoryOf(settings), 'key');

/** The secrets that were entered on the pages or by the API, sealed. */
export const secretsOf = (settings: SecretSettings): SecretStore =>
  new SecretStore({
    directory: directoryOf(settings),
    keyFile: keyFileOf(settings),
    generateKey: settings.secretsKeyFile === undefined,
  });

/** What seals the secrets that the launcher makes, with the same key. */
export const sealerOf = (settings: SecretSettings) => secretsOf(settings).sealer;

/** What is in a file that a setting names, sealed or not. Fails with CONFIG_INVALID or SECRET_UNREADABLE, naming the file. */
export const readSecret = (settings: SecretSettings, file: string): string => readSecretFile(file, keyFileOf(settings));

/** `value` with every path of a file (the keys that end in `File`) changed. */
export function mapFiles<T>(value: T, change: (file: string) => string): T {
  if (Array.isArray(value)) return value.map((item) => mapFiles(item, change)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      key.endsWith('File') && typeof member === 'string' ? change(member) : mapFiles(member, change),
    ]),
  ) as T;
}

/** `value` with every path of a file made absolute, from `folder`, and looked at once. */
export const resolveFiles = <T>(value: T, folder: string, settings: SecretSettings): T =>
  mapFiles(value, (name) => {
    const file = path.resolve(folder, name);
    readSecret(settings, file);
    return file;
  });
