/** The one-time token by which the first administrator is made. It is in a file, never in an address or a log. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { FieldlineError } from '@/lib/errors';
import { removeFile } from '@/lib/files/durable';
import { digestOf, isSecretOf } from './secrets';

/** In `<dataDir>/access`, written by the launcher where the configuration names no other. */
const SETUP_TOKEN_FILE = 'setup-token';
/** Shorter ones could be guessed. */
const TOKEN_LENGTH_MIN = 20;

export class SetUp {
  constructor(
    readonly options: {
      directory: string;
      /** `access.setupTokenFile`. */
      configured: string | undefined;
      hasAdmin: () => boolean;
    },
  ) {}

  get isOpen(): boolean {
    return !this.options.hasAdmin();
  }

  /** Fails with CONFLICT once there is an administrator, UNAVAILABLE when there is no token, UNAUTHENTICATED when it is another. */
  async check(token: string): Promise<void> {
    if (!this.isOpen) throw new FieldlineError('CONFLICT', 'Set-up is done: there is an administrator');
    const expected = await this.#token();
    if (!isSecretOf(token.trim(), digestOf(expected)))
      throw new FieldlineError('UNAUTHENTICATED', 'This is not the set-up token', {
        remedy: 'The launcher has shown it, or named its file, when it started',
      });
  }

  /** The token has served. One that the configuration names stays; it opens nothing any more. */
  async done(): Promise<void> {
    await removeFile(path.join(this.options.directory, SETUP_TOKEN_FILE));
  }

  async #token(): Promise<string> {
    const file = this.options.configured ?? path.join(this.options.directory, SETUP_TOKEN_FILE);
    const token = (await readFile(/*turbopackIgnore: true*/ file, 'utf8').catch(() => '')).trim();
    if (token.length < TOKEN_LENGTH_MIN)
      throw new FieldlineError('UNAVAILABLE', 'There is no set-up token', {
        retriable: false,
        remedy: `Start with the launcher, which makes one, or name a file with at least ${TOKEN_LENGTH_MIN} characters as access.setupTokenFile`,
      });
    return token;
  }
}
