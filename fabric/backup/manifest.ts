/** What a copy of a site holds, so that a restore can tell a whole one from half of one. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

export const MANIFEST_FILE = 'manifest.json';
/** Of the copy itself; the format of the data is in its own `format.json`. */
export const BACKUP_VERSION = 2;
/** In a copy, what lies beside the site in its data directory. */
export const INSTALLATION = 'installation';
/**
 * Of the data directory, what belongs to the app and the launcher: users, tokens and audit log; stored connections; what an enrolment gave; keys of
 * the doors and of sealed secrets. `run/` is made anew by every start.
 */
export const INSTALLATION_FOLDERS = ['access', 'connections', 'enrolment', 'keys', 'secrets'] as const;

export interface Manifest {
  version: number;
  /** Of the program that made it. */
  program: string;
  site: string;
  takenAt: string;
  files: { path: string; bytes: number; sha256: string }[];
}

export async function digestOf(file: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  await pipeline(createReadStream(file), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      hash.update(chunk);
    }
  });
  return { bytes, sha256: hash.digest('hex') };
}
