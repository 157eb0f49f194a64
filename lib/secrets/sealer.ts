import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { replaceFile } from '../files/durable';
import { isSealed, seal, unseal } from './envelope';
import { ensureKey, readKey } from './key';

export interface SealerOptions {
  keyFile: string;
  /** Make the key where there is none: false when an operator named it, since a new one in its place would open nothing. */
  generateKey: boolean;
}

/** Owner only. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** Seals and opens with the key in a file, which is read at each use: one that was put back serves at once. */
export class Sealer {
  constructor(readonly options: SealerOptions) {}

  /** `secret` as it may lie on disk, bound to its name. Fails with SECRET_UNREADABLE without a key. */
  async seal(name: string, secret: string): Promise<string> {
    const { keyFile, generateKey } = this.options;
    if (generateKey) await mkdir(path.dirname(keyFile), { recursive: true, mode: FOLDER_MODE });
    return seal(name, secret, generateKey ? await ensureKey(keyFile) : readKey(keyFile));
  }

  /** Fails with SECRET_UNREADABLE. */
  open(name: string, text: string): string {
    return unseal(name, text, readKey(this.options.keyFile));
  }

  /** Keeps a secret as a file that `readSecretFile` reads; durable when it resolves. Fails with SECRET_UNREADABLE without a key. */
  async writeFile(file: string, secret: string): Promise<void> {
    await replaceFile(file, await this.seal(nameOf(file), secret), FILE_MODE);
  }

  /** Seals a file that a former build left in the clear. Fails with SECRET_UNREADABLE: it is sealed, and can not be opened. */
  async sealFile(file: string): Promise<void> {
    const text = await readFile(file, 'utf8');
    if (isSealed(text)) this.open(nameOf(file), text);
    else await this.writeFile(file, text);
  }
}

/** The name that a file's secret is bound to. */
export const nameOf = (file: string) => path.basename(file, path.extname(file));
