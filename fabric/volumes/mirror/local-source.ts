import { FieldlineError } from '@/lib/errors';
import type { MirrorSource } from '@/lib/mirror/source';
import type { FileTree } from '../file-tree';

/** Files of a page. */
const PAGE_FILES = 1000;

/** A source volume of this same fabric. `find` looks it up at each use: it may come and go. */
export function localSource(volume: string, find: () => FileTree | undefined): MirrorSource {
  const tree = () => {
    const found = find();
    if (!found) throw new FieldlineError('NOT_FOUND', `The source volume "${volume}" does not exist`);
    return found;
  };
  return {
    async *list(from) {
      for (let after = from; ; ) {
        const page = await tree().list({ after, limit: PAGE_FILES });
        if (page.length === 0) return;
        yield page;
        after = page.at(-1)!.path;
      }
    },
    async read(file, from) {
      const opened = await tree().open(file.path);
      if (!opened) return { kind: 'gone' };
      if (opened.info.sha256 === file.sha256)
        return { kind: 'content', stream: opened.stream(from, opened.info.bytes - 1) };
      await opened.close();
      return { kind: 'changed', sha256: opened.info.sha256, bytes: opened.info.bytes };
    },
  };
}
