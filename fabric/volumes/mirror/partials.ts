/**
 * What a mirror has begun to bring: one file a content, named by its digest, its length being how far it got. So nothing else has to be
 * remembered for a resume, and it survives a stop, a cut link and a kill. The digest is checked before anything becomes visible.
 */
import { type FileHandle, open, readdir, rm, stat, truncate } from 'node:fs/promises';
import path from 'node:path';
import { makeDirectory, removeIfThere, sha256OfFile } from '../durable';

const SUFFIX = '.part';

export class Partials {
  private constructor(readonly directory: string) {}

  static async open(directory: string): Promise<Partials> {
    await makeDirectory(directory);
    return new Partials(directory);
  }

  file(sha256: string): string {
    return path.join(this.directory, `${sha256}${SUFFIX}`);
  }

  /** Bytes kept by digest. */
  async kept(): Promise<Map<string, number>> {
    const kept = new Map<string, number>();
    for (const name of await readdir(this.directory)) {
      if (!name.endsWith(SUFFIX)) continue;
      kept.set(name.slice(0, -SUFFIX.length), (await stat(path.join(this.directory, name))).size);
    }
    return kept;
  }

  /** Opens for appending. A partial that is longer than the content can be is begun anew. */
  async append(sha256: string, bytes: number): Promise<{ handle: FileHandle; have: number }> {
    const handle = await open(this.file(sha256), 'a');
    try {
      let have = (await handle.stat()).size;
      if (have > bytes) {
        await truncate(this.file(sha256), 0);
        have = 0;
      }
      return { handle, have };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** True when what is on disk has its digest; it is then fsynced. Otherwise it is removed. */
  async verify(sha256: string, signal: AbortSignal): Promise<boolean> {
    const file = this.file(sha256);
    const handle = await open(file, 'a');
    try {
      await handle.datasync();
    } finally {
      await handle.close();
    }
    if ((await sha256OfFile(file, signal)) !== sha256) {
      await removeIfThere(file);
      return false;
    }
    return true;
  }

  async drop(sha256: string): Promise<void> {
    await removeIfThere(this.file(sha256));
  }

  /** Removes what nobody wants any more. */
  async keepOnly(wanted: ReadonlySet<string>): Promise<void> {
    for (const sha256 of (await this.kept()).keys()) if (!wanted.has(sha256)) await this.drop(sha256);
  }

  async clear(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
    await makeDirectory(this.directory);
  }
}
