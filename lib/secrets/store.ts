import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { FieldlineError } from '../errors';
import { replaceFile, syncDirectory } from '../files/durable';
import { seal } from './envelope';
import { ensureKey, readKey } from './key';
import { readSecretFile } from './read';

const ENDING = '.secret';
/** Also part of a file's name. */
const NAME = /^[a-z0-9][A-Za-z0-9.-]{0,120}$/;

export interface SecretStoreOptions {
  /** One file a secret; readable by its owner only. */
  directory: string;
  keyFile: string;
  /** Make the key where there is none: false when an operator named it, since a new one in its place would open nothing. */
  generateKey: boolean;
}

/** Secrets that are written once and then only read by what connects with them. */
export class SecretStore {
  constructor(readonly options: SecretStoreOptions) {}

  /** The file of a secret, for a setting that names one (`passwordFile`). */
  fileOf(name: string): string {
    if (!NAME.test(name)) throw new FieldlineError('INTERNAL', `"${name}" can not be the name of a secret`);
    return path.join(this.options.directory, `${name}${ENDING}`);
  }

  /** Seals and keeps it; durable when this resolves. Resolves with its file. Fails with SECRET_UNREADABLE without a key. */
  async put(name: string, secret: string): Promise<string> {
    const file = this.fileOf(name);
    await mkdir(this.options.directory, { recursive: true, mode: 0o700 });
    const { keyFile, generateKey } = this.options;
    const key = generateKey ? await ensureKey(keyFile) : readKey(keyFile);
    await replaceFile(file, seal(name, secret, key), 0o600);
    return file;
  }

  /** Fails with SECRET_UNREADABLE; with CONFIG_INVALID where there is none of that name. */
  get(name: string): string {
    return readSecretFile(this.fileOf(name), this.options.keyFile);
  }

  async names(): Promise<string[]> {
    const files = await readdir(this.options.directory).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    return files.filter((file) => file.endsWith(ENDING)).map((file) => file.slice(0, -ENDING.length));
  }

  /** Idempotent. */
  async remove(name: string): Promise<void> {
    await rm(this.fileOf(name), { force: true });
    await syncDirectory(this.options.directory);
  }
}
