import { Readable } from 'node:stream';
import type { Clock } from '@/lib/clock/clock';
import { FieldlineError } from '@/lib/errors';
import type { ByteRange, Volumes } from '@/lib/ports';
import { checkFilePath } from '@/lib/ports/file-path';
import type { Faults } from './faults';
import type { MemoryMirrors } from './mirrors';
import type { MemoryVolumeStore } from './volume-store';

/** The volumes port on a memory store, as one process uses it. */
export function createMemoryVolumes(options: {
  store: MemoryVolumeStore;
  mirrors: MemoryMirrors;
  faults: Faults;
  clock: Clock;
}): Volumes {
  const { store, mirrors, faults, clock } = options;
  return {
    ensureVolume: (volume) => faults.run('volumes.ensureVolume', volume, () => void store.ensure(volume)),
    ensureMirror: (volume, source) =>
      faults.run('volumes.ensureMirror', volume, () => {
        store.ensure(volume, source);
      }),
    list: (volume, prefix = '') =>
      faults.run('volumes.list', volume, () =>
        [...store.volume(volume).files.values()]
          .map((file) => ({ ...file.info }))
          .filter((info) => info.path.startsWith(prefix))
          .sort((a, b) => (a.path < b.path ? -1 : 1)),
      ),
    stat: (volume, path) =>
      faults.run('volumes.stat', volume, () => {
        const file = store.volume(volume).files.get(checkFilePath(path));
        return file ? { ...file.info } : null;
      }),
    put: (volume, path, content, settings = {}) =>
      faults.run('volumes.put', volume, async () => {
        checkFilePath(path);
        store.writable(volume);
        const bytes = await collect(content, settings.maxBytes, settings.signal);
        return { ...store.write(store.writable(volume), path, bytes, clock.now()) };
      }),
    get: (volume, path, settings = {}) =>
      faults.run('volumes.get', volume, () => {
        const file = store.volume(volume).files.get(checkFilePath(path));
        if (!file) return null;
        const range = resolveRange(settings.range, file.content.length);
        const stream = Readable.from([file.content.subarray(range.start, range.end + 1)], { objectMode: false });
        return { info: { ...file.info }, range, stream };
      }),
    copy: (from, to) =>
      faults.run('volumes.copy', to.volume, () => {
        const file = store.volume(from.volume).files.get(checkFilePath(from.path));
        if (!file) throw new FieldlineError('NOT_FOUND', `There is no file ${from.path} in "${from.volume}"`);
        return { ...store.write(store.writable(to.volume), checkFilePath(to.path), file.content, clock.now()) };
      }),
    remove: (volume, path) =>
      faults.run('volumes.remove', volume, () => store.writable(volume).files.delete(checkFilePath(path))),
    startMirror: (volume) => faults.run('volumes.startMirror', volume, () => mirrors.start(volume)),
    stopMirror: (volume) => faults.run('volumes.stopMirror', volume, () => mirrors.stop(volume)),
    mirrorStatus: (volume, settings) =>
      faults.run('volumes.mirrorStatus', volume, () => mirrors.status(volume, settings?.refresh ?? false)),
    close: async () => undefined,
  };
}

async function collect(content: Readable | Buffer, maxBytes = Number.POSITIVE_INFINITY, signal?: AbortSignal) {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const source = Buffer.isBuffer(content) ? [content] : content;
  for await (const chunk of source) {
    if (signal?.aborted) throw new FieldlineError('ABORTED', 'The upload was stopped', { cause: signal.reason });
    const buffer = Buffer.from(chunk as Buffer | string);
    bytes += buffer.length;
    if (bytes > maxBytes) throw new FieldlineError('ASSET_TOO_LARGE', `The file has more than ${maxBytes} bytes`);
    chunks.push(buffer);
  }
  return Buffer.concat(chunks);
}

/** As HTTP: an end behind the file is cut; a start behind it is refused. */
function resolveRange(range: ByteRange | undefined, bytes: number): { start: number; end: number } {
  const start = range?.start ?? 0;
  if (range && (start < 0 || start >= bytes || (range.end !== undefined && range.end < start)))
    throw new FieldlineError('REQUEST_INVALID', `The range does not lie in a file of ${bytes} bytes`);
  return { start, end: Math.min(range?.end ?? bytes - 1, bytes - 1) };
}
