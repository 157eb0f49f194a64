import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { FieldlineError } from '../errors';
import { syncDirectory } from '../files/durable';
import { readSecretFile } from './read';
import { Sealer, type SealerOptions } from './sealer';

const ENDING = '.secret';
/** Also part of a file's name. */
const NAME = /^[a-z0-9][A-Za-z0-9.-]{0,120}$/;

export interface SecretStoreOptions extends SealerOptions {
  /** One file a secret; readable by its owner only. */
  directory: string;
}

/** Secrets that are written once and then only read by what connects with them. */
export class SecretStore {
  /** For secrets that lie elsewhere, under the same key. */
  readonly sealer: Sealer;

  constructor(readonly options: SecretStoreOptions) {
    this.sealer = new Sealer(options);
  }

  /** The file of a secret, for a setting that names one (`passwordFile`). */
  fileOf(name: string): string {
    if (!NAME.test(name)) throw new FieldlineError('INTERNAL', `"${name}" can not be the name of a secret`);
    return path.join(this.options.directory, `${name}${ENDING}`);
  }

  /** Seals and keeps it; durable when this resolves. Resolves with its file. Fails with SECRET_UNREADABLE without a key. */
  async put(name: string, secret: string): Promise<string> {
    const file = this.fileOf(name);
    await mkdir(this.options.directory, { recursive: true, mode: 0o700 });
    await this.sealer.writeFile(file, secret);
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
