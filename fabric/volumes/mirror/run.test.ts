import { access, readdir } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '@/lib/clock/clock';
import { FieldlineError } from '@/lib/errors';
import { LARGE_FILE_BYTES, runMirror, TRANSFERS_MAX } from '@/lib/mirror/run';
import type { MirrorSource, SourceFile } from '@/lib/mirror/source';
import { FileTree } from '../file-tree';
import { bytes, sha256, silentLog, temporaryDirectory } from '../testing';
import { Partials } from './partials';
import { TreeTarget } from './tree-target';

let root: Awaited<ReturnType<typeof temporaryDirectory>>;
let tree: FileTree;
let partials: Partials;
beforeEach(async () => {
  root = await temporaryDirectory();
  tree = await FileTree.open(path.join(root.directory, 'volume'), silentLog);
  partials = await Partials.open(path.join(root.directory, 'volume', 'partials'));
});
afterEach(async () => {
  await tree.close();
  await root.remove();
});

const run = (source: MirrorSource, signal = new AbortController().signal) =>
  runMirror({
    target: new TreeTarget(tree, partials),
    source,
    signal,
    clock: systemClock,
    limits: { backoffMsMin: 1, backoffMsMax: 2, giveUpMs: 60_000 },
    onPlanned: () => undefined,
    onOutage: () => undefined,
  });

const listed = (file: string, content: Buffer): SourceFile => ({
  path: file,
  bytes: content.length,
  sha256: sha256(content),
  modifiedAt: 1,
});

/** A source of contents by path; reads take a turn of the event loop, and what happens at once is counted. */
function sourceOf(contents: Record<string, Buffer>) {
  const seen = { order: [] as string[], atOnce: 0, atOnceMax: 0, largeAtOnceMax: 0, large: 0 };
  const source: MirrorSource = {
    async *list() {
      yield Object.entries(contents).map(([file, content]) => listed(file, content));
    },
    async read(file, from) {
      const content = contents[file.path];
      if (!content) return { kind: 'gone' };
      const isLarge = content.length >= LARGE_FILE_BYTES;
      seen.order.push(file.path);
      seen.atOnceMax = Math.max(seen.atOnceMax, ++seen.atOnce);
      if (isLarge) seen.largeAtOnceMax = Math.max(seen.largeAtOnceMax, ++seen.large);
      const parts = async function* () {
        for (let at = from; at < content.length; at += 100_000) {
          await new Promise((resolve) => setImmediate(resolve));
          yield content.subarray(at, at + 100_000);
        }
        seen.atOnce -= 1;
        if (isLarge) seen.large -= 1;
      };
      return { kind: 'content', stream: Readable.from(parts()) };
    },
  };
  return { source, seen };
}

describe('a mirror run', () => {
  it('brings small files first and several at once, large ones one at a time', async () => {
    const contents: Record<string, Buffer> = {
      'large/1': bytes(LARGE_FILE_BYTES),
      'large/2': bytes(LARGE_FILE_BYTES + 1),
    };
    for (let index = 0; index < 20; index += 1) contents[`small/${index}`] = bytes(1000 + index);
    const { source, seen } = sourceOf(contents);
    await run(source);
    // Workers may pass each other by a step, so the order holds up to as many files as there are workers.
    const firstOnes = seen.order.slice(0, 20 - TRANSFERS_MAX);
    expect(firstOnes.every((file) => file.startsWith('small/'))).toBe(true);
    expect(seen.order.filter((file) => file.startsWith('large/'))).toEqual(['large/1', 'large/2']);
    expect(seen.order.at(-1)).toBe('large/2');
    expect(seen.largeAtOnceMax).toBe(1);
    expect(seen.atOnceMax).toBeGreaterThan(1);
    expect(seen.atOnceMax).toBeLessThanOrEqual(TRANSFERS_MAX);
    expect(await tree.list({ limit: 100 })).toHaveLength(22);
  });

  it('refuses what does not fit on the disk before anything is brought', async () => {
    await tree.put('old', Readable.from([Buffer.from('old')]));
    const huge: SourceFile = { path: 'huge', bytes: 2 ** 52, sha256: 'a'.repeat(64), modifiedAt: 1 };
    const { source } = sourceOf({});
    const listing: MirrorSource = {
      ...source,
      async *list() {
        yield [huge];
      },
    };
    await expect(run(listing)).rejects.toMatchObject({ code: 'DISK_FULL', retriable: false });
    expect((await tree.list({ limit: 10 })).map((file) => file.path)).toEqual(['old']);
  });

  it('brings the other files when one can not be brought, deletes nothing then, and says so', async () => {
    await tree.put('old', Readable.from([Buffer.from('old')]));
    const { source } = sourceOf({ '../../escaped': Buffer.from('x'), good: Buffer.from('good') });
    await expect(run(source)).rejects.toMatchObject({ code: 'PATH_OUTSIDE_VOLUME' });
    expect((await tree.list({ limit: 10 })).map((file) => file.path)).toEqual(['good', 'old']);
    await expect(access(path.join(root.directory, 'escaped'))).rejects.toThrow();
  });

  it('says that a file is damaged at the source, after bounded tries', async () => {
    const { source, seen } = sourceOf({ f: bytes(1000) });
    const lying: MirrorSource = {
      ...source,
      async *list() {
        yield [{ path: 'f', bytes: 1000, sha256: 'b'.repeat(64), modifiedAt: 1 }];
      },
    };
    await expect(run(lying)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    expect(seen.order).toHaveLength(3);
    expect(await tree.list({ limit: 10 })).toEqual([]);
    expect(await readdir(partials.directory)).toEqual([]);
  });

  it('does not delete because of a listing that broke off, and goes on with it where it was', async () => {
    await tree.put('b', Readable.from([Buffer.from('b')]));
    const { source } = sourceOf({ a: Buffer.from('a'), b: Buffer.from('b') });
    const starts: (string | null)[] = [];
    const breaking: MirrorSource = {
      ...source,
      async *list(after) {
        starts.push(after);
        if (after === null) {
          yield [listed('a', Buffer.from('a'))];
          throw new FieldlineError('UNAVAILABLE', 'The link broke');
        }
        yield [listed('b', Buffer.from('b'))];
      },
    };
    await run(breaking);
    expect(starts).toEqual([null, 'a']);
    expect((await tree.list({ limit: 10 })).map((file) => file.path)).toEqual(['a', 'b']);
  });

  it('skips a file that the source lost after it was listed', async () => {
    const { source } = sourceOf({ here: Buffer.from('here') });
    const losing: MirrorSource = {
      ...source,
      async *list() {
        yield [listed('here', Buffer.from('here')), listed('lost', Buffer.from('lost'))];
      },
    };
    await run(losing);
    expect((await tree.list({ limit: 10 })).map((file) => file.path)).toEqual(['here']);
  });
});
