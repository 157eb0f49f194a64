import { createHash } from 'node:crypto';
import { FieldlineError } from '@/lib/errors';
import type { FileInfo } from '@/lib/ports';

export interface MemoryFile {
  readonly info: FileInfo;
  readonly content: Buffer;
}
export interface MemoryVolume {
  readonly name: string;
  readonly files: Map<string, MemoryFile>;
  /** Set on a mirror. */
  readonly mirrorOf: { volume: string; site: string } | null;
}

/** The durable part of a memory site's volumes. */
export class MemoryVolumeStore {
  readonly #volumes = new Map<string, MemoryVolume>();

  constructor(readonly site: string) {}

  ensure(name: string, mirrorOf: MemoryVolume['mirrorOf'] = null): MemoryVolume {
    let volume = this.#volumes.get(name);
    if (!volume) {
      volume = { name, files: new Map(), mirrorOf };
      this.#volumes.set(name, volume);
    }
    return volume;
  }

  find(name: string): MemoryVolume | undefined {
    return this.#volumes.get(name);
  }

  /** Fails with NOT_FOUND. */
  volume(name: string): MemoryVolume {
    const volume = this.#volumes.get(name);
    if (!volume) throw new FieldlineError('NOT_FOUND', `${this.site} has no volume "${name}"`);
    return volume;
  }

  /** Fails with VOLUME_READ_ONLY for a mirror. */
  writable(name: string): MemoryVolume {
    const volume = this.volume(name);
    if (volume.mirrorOf)
      throw new FieldlineError('VOLUME_READ_ONLY', `"${name}" is a mirror; only the mirror writes to it`);
    return volume;
  }

  write(volume: MemoryVolume, path: string, content: Buffer, nowMs: number): FileInfo {
    const sha256 = createHash('sha256').update(content).digest('hex');
    const info: FileInfo = { path, bytes: content.length, sha256, modifiedAt: nowMs };
    volume.files.set(path, { info, content });
    return info;
  }
}
