import { statfs } from 'node:fs/promises';
import { FieldlineError } from '@/lib/errors';
import type { SourceFile } from '@/lib/mirror/source';
import type { Here, MirrorTarget, Part } from '@/lib/mirror/target';
import { asStorageError } from '../durable';
import type { FileTree } from '../file-tree';
import { writeAll } from '../receive';
import type { Partials } from './partials';

/** Left free for the log and the tables, which need the disk more than a mirror does. */
const DISK_RESERVE_BYTES = 64 * 1024 * 1024;

/** A volume of this fabric as what a mirror brings to; partials are in its file system. */
export class TreeTarget implements MirrorTarget {
  constructor(
    private readonly tree: FileTree,
    private readonly partials: Partials,
  ) {}

  index(): Promise<Here> {
    return this.tree.index();
  }

  kept(): Promise<Map<string, number>> {
    return this.partials.kept();
  }

  keepOnly(wanted: ReadonlySet<string>): Promise<void> {
    return this.partials.keepOnly(wanted);
  }

  async takeAside(from: string, sha256: string): Promise<void> {
    await this.tree.linkOut(from, sha256, this.partials.file(sha256));
  }

  async checkSpace(bytes: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.partials.directory);
    if (bytes > 0 && bytes + DISK_RESERVE_BYTES > bavail * bsize)
      throw new FieldlineError(
        'DISK_FULL',
        `The mirror needs ${bytes} bytes more, and ${Math.max(0, bavail * bsize - DISK_RESERVE_BYTES)} are free for it; nothing was brought`,
        { retriable: false, remedy: 'Free some space and start the mirror again' },
      );
  }

  async append({ sha256, bytes }: SourceFile): Promise<Part> {
    const { handle, have } = await this.partials.append(sha256, bytes);
    return { have, write: (chunk) => writeAll(handle, chunk), close: () => handle.close() };
  }

  verify({ sha256 }: SourceFile, signal: AbortSignal): Promise<boolean> {
    return this.partials.verify(sha256, signal);
  }

  async install(file: SourceFile): Promise<void> {
    await this.tree.adopt(this.partials.file(file.sha256), file.path, file);
  }

  drop(sha256: string): Promise<void> {
    return this.partials.drop(sha256);
  }

  async remove(path: string): Promise<void> {
    await this.tree.remove(path, { prune: true });
  }

  clear(): Promise<void> {
    return this.partials.clear();
  }

  failure(error: unknown): FieldlineError {
    return asStorageError(error);
  }
}
