/** The commands behind `npm run backup` and `npm run restore`. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { asFieldlineError, errorMessage, FieldlineError } from '@/lib/errors';
import { backUp } from './back-up';
import type { Manifest } from './manifest';
import { restore } from './restore';

const BACKUP_USAGE = 'npm run backup -- --site ID --to DIR [--data DATADIR]';
const RESTORE_USAGE = 'npm run restore -- --from DIR --to DATADIR';

const option = { type: 'string' } as const;

/** Copies one site's data, also while it runs. */
export const runBackup = (args: readonly string[], { root }: { root: string }) =>
  command(async () => {
    const { site, to, data } = read(args, { site: option, to: option, data: option }, BACKUP_USAGE);
    if (!site || !to)
      throw new FieldlineError('CONFIG_INVALID', '--site and --to are needed', { remedy: BACKUP_USAGE });
    const manifest = await backUp(path.join(path.resolve(root, data ?? 'data'), site), path.resolve(to));
    return `Copied ${told(manifest)} to ${to}`;
  });

/** Makes a copy the data of a site again. */
export const runRestore = (args: readonly string[]) =>
  command(async () => {
    const { from, to } = read(args, { from: option, to: option }, RESTORE_USAGE);
    if (!from || !to)
      throw new FieldlineError('CONFIG_INVALID', '--from and --to are needed', { remedy: RESTORE_USAGE });
    const manifest = await restore(path.resolve(from), path.resolve(to));
    return `Restored ${told(manifest)}, as it was at ${manifest.takenAt}, to ${path.join(to, manifest.site)}`;
  });

const told = ({ site, files }: Manifest) =>
  `${site}: ${files.length} files, ${files.reduce((sum, { bytes }) => sum + bytes, 0)} bytes`;

function read<T extends Record<string, typeof option>>(args: readonly string[], options: T, usage: string) {
  try {
    return parseArgs({ args: [...args], options }).values as Partial<Record<keyof T, string>>;
  } catch (cause) {
    throw new FieldlineError('CONFIG_INVALID', errorMessage(cause), { cause, remedy: usage });
  }
}

/** Says what was done, or in one sentence why it was not; then the process ends with 1. */
async function command(work: () => Promise<string>): Promise<void> {
  try {
    process.stdout.write(`${await work()}\n`);
  } catch (error) {
    const { message, remedy } = asFieldlineError(error);
    process.stderr.write(`${message}${remedy ? `. ${remedy}` : ''}\n`);
    process.exitCode = 1;
  }
}
