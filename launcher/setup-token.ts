/** The one-time token of the first administrator, made where access control is on and nobody is there yet. */

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { FieldlineConfig } from '@/lib/config';

const TOKEN_BYTES = 24;

/**
 * What to tell the person who starts it; null when there is nothing to set up. The token is in a file of its owner's, and shown on a
 * terminal only: other output may end in a log.
 */
export function offerSetUp({ access, dataDir }: FieldlineConfig, url: string, isTerminal: boolean): string | null {
  const directory = path.join(dataDir, 'access');
  if (access.mode === 'off' || existsSync(path.join(directory, 'users.json'))) return null;
  const page = `${access.publicUrl ?? url}/set-up`;
  if (access.setupTokenFile) return `Nobody can sign in yet: open ${page}; the token is in ${access.setupTokenFile}`;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = path.join(directory, 'setup-token');
  // One that was shown before stays good: the app may have been started and left without a first user.
  if (!existsSync(file)) writeFileSync(file, `${randomBytes(TOKEN_BYTES).toString('base64url')}\n`, { mode: 0o600 });
  return isTerminal
    ? `Nobody can sign in yet: open ${page} and give this one-time token: ${readFileSync(file, 'utf8').trim()}`
    : `Nobody can sign in yet: open ${page}; the one-time token is in ${file}`;
}
