import { FieldlineError, isFieldlineError } from '@/lib/errors';
import { formatBytes } from '@/lib/format';
import type { FileInfo, SitePorts } from '@/lib/ports';
import type { StepContext } from './job-board';

/** Files on their way at once. */
const FILES_AT_ONCE = 4;

interface Parties {
  from: SitePorts;
  to: SitePorts;
}

/**
 * Makes a volume of `to` hold the files that it holds in `from`: brings those that are missing or differ by digest, removes those that are
 * gone. What was brought is not brought again. Resolves with `skipped` when there was nothing to do.
 */
export async function copyVolume({ from, to }: Parties, volume: string, { tell, signal }: StepContext) {
  const source = await listed(from, volume);
  if (source === null) {
    tell('there is none');
    return 'skipped';
  }
  await to.volumes.ensureVolume(volume);
  const there = new Map((await to.volumes.list(volume)).map((file) => [file.path, file]));
  const missing = source.filter((file) => there.get(file.path)?.sha256 !== file.sha256);
  const names = new Set(source.map((file) => file.path));
  const gone = [...there.keys()].filter((path) => !names.has(path));
  const total = missing.length;
  let done = 0;
  let bytes = 0;
  const waiting = [...missing];
  const worker = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      signal.throwIfAborted();
      bytes += await bring({ from, to }, volume, file, signal);
      done += 1;
      tell(`${done} of ${total} files, ${formatBytes(bytes)}`);
    }
  };
  await Promise.all(Array.from({ length: FILES_AT_ONCE }, worker));
  for (const path of gone) await to.volumes.remove(volume, path);
  tell(`${source.length} files; ${total} brought, ${formatBytes(bytes)}`);
  return total + gone.length === 0 ? 'skipped' : 'done';
}

/** Null for a volume that is not there. */
async function listed({ volumes }: SitePorts, volume: string): Promise<FileInfo[] | null> {
  try {
    return await volumes.list(volume);
  } catch (error) {
    if (isFieldlineError(error, 'NOT_FOUND')) return null;
    throw error;
  }
}

async function bring({ from, to }: Parties, volume: string, file: FileInfo, signal: AbortSignal): Promise<number> {
  const content = await from.volumes.get(volume, file.path, { signal });
  // Removed since it was listed.
  if (!content) return 0;
  const stored = await to.volumes.put(volume, file.path, content.stream, { signal });
  if (stored.sha256 !== content.info.sha256)
    throw new FieldlineError('DIGEST_MISMATCH', `${file.path} in ${volume} changed on the way`);
  return stored.bytes;
}

/** Fails with DIGEST_MISMATCH where the volume of `to` is not what it is in `from`. */
export async function verifyVolume({ from, to }: Parties, volume: string): Promise<number> {
  const source = (await listed(from, volume)) ?? [];
  const there = new Map(((await listed(to, volume)) ?? []).map((file) => [file.path, file.sha256]));
  const wrong = source.filter((file) => there.get(file.path) !== file.sha256);
  if (wrong.length > 0 || there.size !== source.length)
    throw new FieldlineError(
      'DIGEST_MISMATCH',
      `The volume ${volume} is not the same: ${wrong[0]?.path ?? 'it has more files'}`,
    );
  return source.length;
}
