import type { Readable } from 'node:stream';
import { FieldlineError } from '@/lib/errors';
import type { MirrorEngine } from '@/lib/mirror/engine';
import type { FileInfo } from '@/lib/ports/volumes';
import type { FileTree, OpenFile } from './file-tree';
import type { DirectoryEntry, VolumeRecord, WriteOptions } from './types';

/** A volume: its record, its files, and while it is a mirror the engine that alone may change them. */
export class Volume {
  constructor(
    public record: VolumeRecord,
    readonly tree: FileTree,
    /** Null while the volume takes writes. */
    public mirror: MirrorEngine | null,
  ) {}

  list(options: { prefix?: string; after?: string | null; limit: number }): Promise<FileInfo[]> {
    return this.tree.list(options);
  }

  listDirectory(options: { prefix: string; after: string | null; limit: number }): Promise<DirectoryEntry[]> {
    return this.tree.listDirectory(options);
  }

  isDirectory(relative: string): Promise<boolean> {
    return this.tree.isDirectory(relative);
  }

  stat(file: string): Promise<FileInfo | null> {
    return this.tree.stat(file);
  }

  /** The present version of a file, held open; null when there is none. */
  open(file: string): Promise<OpenFile | null> {
    return this.tree.open(file);
  }

  async put(file: string, content: Readable, options?: WriteOptions): Promise<FileInfo & { created: boolean }> {
    this.#checkWritable();
    return this.tree.put(file, content, options);
  }

  /** Null when `from` has no such file. */
  async copy(from: Volume, fromFile: string, toFile: string): Promise<(FileInfo & { created: boolean }) | null> {
    this.#checkWritable();
    return this.tree.copy(from.tree, fromFile, toFile);
  }

  async remove(file: string): Promise<boolean> {
    this.#checkWritable();
    return this.tree.remove(file);
  }

  async makeDirectory(relative: string): Promise<void> {
    this.#checkWritable();
    await this.tree.makeDirectory(relative);
  }

  async removeDirectory(relative: string): Promise<boolean> {
    this.#checkWritable();
    return this.tree.removeDirectory(relative);
  }

  async usage(): Promise<{ files: number; bytes: number }> {
    const index = await this.tree.index();
    return { files: index.size, bytes: index.bytesTotal };
  }

  #checkWritable(): void {
    if (this.mirror === null) return;
    throw new FieldlineError(
      'VOLUME_READ_ONLY',
      `Read-only file system: the volume "${this.record.name}" is a mirror of ${sourceName(this.record)}`,
      { remedy: 'Write to its source, or promote the volume to read-write' },
    );
  }
}

/** `volume@cluster`; empty for a volume that never was a mirror. */
export const sourceName = (record: VolumeRecord) =>
  record.source ? `${record.source.volume}@${record.source.cluster}` : '';
