import { open, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileTree } from './file-tree';
import { bytes, sha256, silentLog, temporaryDirectory } from './testing';

let root: { directory: string; remove(): Promise<void> };
let tree: FileTree;
beforeEach(async () => {
  root = await temporaryDirectory();
  tree = await FileTree.open(root.directory, silentLog);
});
afterEach(async () => {
  await tree.close();
  await root.remove();
});

const put = (file: string, content: string | Buffer) => tree.put(file, Readable.from([Buffer.from(content)]));
async function read(file: string): Promise<string | null> {
  const opened = await tree.open(file);
  return opened && (await streamToText(opened.stream(0, opened.info.bytes - 1)));
}
async function streamToText(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
const incoming = () => readdir(path.join(root.directory, 'incoming'));

describe('FileTree', () => {
  it('keeps a file with its size and digest, also across a restart', async () => {
    const content = bytes(300_000);
    const stored = await put('a/b c/ü%2F.bin', content);
    expect(stored).toMatchObject({ bytes: 300_000, sha256: sha256(content), created: true });
    await tree.close();
    tree = await FileTree.open(root.directory, silentLog);
    expect(await tree.stat('a/b c/ü%2F.bin')).toMatchObject({ sha256: sha256(content), modifiedAt: stored.modifiedAt });
  });

  it('serves an empty file', async () => {
    expect(await put('empty', '')).toMatchObject({ bytes: 0, sha256: sha256('') });
    expect(await read('empty')).toBe('');
  });

  it('lets a reader keep the version it opened', async () => {
    await put('f', 'old');
    const opened = await tree.open('f');
    await put('f', 'new and longer');
    await tree.remove('f');
    expect(await streamToText(opened!.stream(0, 2))).toBe('old');
    expect(await read('f')).toBeNull();
  });

  it('leaves one complete version after concurrent writes of one name, with the digest of what is there', async () => {
    const contents = Array.from({ length: 20 }, (_, index) => String(index).repeat(5000));
    await Promise.all(contents.map((content) => put('same', content)));
    const there = await read('same');
    expect(contents).toContain(there);
    expect(await tree.stat('same')).toMatchObject({ sha256: sha256(there!), bytes: there!.length });
    expect(await incoming()).toEqual([]);
  });

  it('shows nothing of an upload that ends early, and leaves nothing behind', async () => {
    const content = new PassThrough();
    const upload = tree.put('cut', content);
    content.write(bytes(100_000));
    expect(await tree.stat('cut')).toBeNull();
    content.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }));
    await expect(upload).rejects.toMatchObject({ code: 'ABORTED' });
    expect(await tree.stat('cut')).toBeNull();
    expect(await incoming()).toEqual([]);
  });

  it('refuses content of another digest, and more than the limit, keeping what was there', async () => {
    await put('f', 'before');
    await expect(tree.put('f', Readable.from([Buffer.from('x')]), { sha256: sha256('y') })).rejects.toMatchObject({
      code: 'DIGEST_MISMATCH',
    });
    await expect(tree.put('f', Readable.from([bytes(11)]), { bytesMax: 10 })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    });
    expect(await read('f')).toBe('before');
    expect(await incoming()).toEqual([]);
  });

  it('answers a full disk with DISK_FULL, leaves nothing over and goes on reading', async () => {
    await put('before', 'here');
    await tree.close();
    const createFile = async (file: string) => {
      const handle = await open(file, 'wx');
      let written = 0;
      const write = handle.write.bind(handle) as (...args: unknown[]) => Promise<{ bytesWritten: number }>;
      const limited = async (...args: unknown[]) => {
        written += (args[2] as number) ?? 0;
        if (written > 100_000) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        return write(...args);
      };
      return Object.assign(handle, { write: limited });
    };
    tree = await FileTree.open(root.directory, silentLog, createFile as never);
    const content = Readable.from(Array.from({ length: 10 }, () => bytes(50_000)));
    await expect(tree.put('big', content)).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(await incoming()).toEqual([]);
    expect(await tree.stat('big')).toBeNull();
    expect(await read('before')).toBe('here');
  });

  it('sweeps what a crash left half written', async () => {
    await writeFile(path.join(root.directory, 'incoming', 'left-over'), 'half');
    tree = await FileTree.open(root.directory, silentLog);
    expect(await incoming()).toEqual([]);
  });

  it('derives the digests again when the index is gone, torn, or not what is on disk', async () => {
    await put('one', 'first');
    await put('two', 'second');
    await tree.close();
    const index = path.join(root.directory, 'digests.jsonl');
    await writeFile(index, (await readFile(index, 'utf8')).slice(0, -20));
    await writeFile(path.join(root.directory, 'files', 'one'), 'changed by hand');
    tree = await FileTree.open(root.directory, silentLog);
    expect(await tree.list({ limit: 10 })).toMatchObject([
      { path: 'one', sha256: sha256('changed by hand') },
      { path: 'two', sha256: sha256('second') },
    ]);
    await tree.close();
    await rm(index);
    tree = await FileTree.open(root.directory, silentLog);
    expect((await tree.list({ limit: 10 })).map((file) => file.sha256)).toEqual([
      sha256('changed by hand'),
      sha256('second'),
    ]);
    // What was derived is remembered: the index on disk describes both files again.
    await tree.close();
    expect((await readFile(index, 'utf8')).trim().split('\n')).toHaveLength(2);
  });

  it('keeps the time of a file whose bytes came back from a copy', async () => {
    const { modifiedAt } = await put('kept', 'as it was');
    await put('changed', 'as it was');
    await tree.close();
    for (const [file, content] of [
      ['kept', 'as it was'],
      ['changed', 'as it is now'],
    ] as const) {
      const at = path.join(root.directory, 'files', file);
      await rm(at);
      await writeFile(at, content);
      await utimes(at, 4_000_000_000, 4_000_000_000);
    }
    tree = await FileTree.open(root.directory, silentLog);
    expect(await tree.stat('kept')).toMatchObject({ modifiedAt });
    expect(await tree.stat('changed')).toMatchObject({ sha256: sha256('as it is now'), modifiedAt: 4_000_000_000_000 });
  });

  it('copies without a second set of bytes; the copy stays when the original is replaced', async () => {
    await put('from', 'content');
    expect(await tree.copy(tree, 'from', 'to/copy')).toMatchObject({ path: 'to/copy', sha256: sha256('content') });
    expect(await tree.copy(tree, 'from', 'to/copy')).toMatchObject({ created: false });
    await put('from', 'other');
    expect(await read('to/copy')).toBe('content');
    expect(await tree.copy(tree, 'missing', 'x')).toBeNull();
    expect(await incoming()).toEqual([]);
  });

  it('refuses names that could leave the volume', async () => {
    const hostile = [
      '../x',
      'a/../../x',
      '/etc/passwd',
      'a//b',
      './a',
      'a/.',
      '',
      'a\0b',
      'a\\..\\b',
      'a\nb',
      'x'.repeat(256),
    ];
    hostile.push(`${'long/'.repeat(300)}x`, 'a/', '\ud800');
    for (const name of hostile) {
      await expect(put(name, 'x'), JSON.stringify(name)).rejects.toMatchObject({ code: 'PATH_OUTSIDE_VOLUME' });
      await expect(tree.open(name), JSON.stringify(name)).rejects.toMatchObject({ code: 'PATH_OUTSIDE_VOLUME' });
      await expect(tree.remove(name), JSON.stringify(name)).rejects.toMatchObject({ code: 'PATH_OUTSIDE_VOLUME' });
      await expect(tree.copy(tree, name, 'x'), JSON.stringify(name)).rejects.toMatchObject({
        code: 'PATH_OUTSIDE_VOLUME',
      });
    }
  });

  it('walks through no symbolic link, to read or to write', async () => {
    const other = await temporaryDirectory();
    await writeFile(path.join(other.directory, 'secret'), 'secret');
    await symlink(other.directory, path.join(root.directory, 'files', 'link'));
    await symlink(path.join(other.directory, 'secret'), path.join(root.directory, 'files', 'file-link'));
    await symlink(path.join(other.directory, 'nothing'), path.join(root.directory, 'files', 'dangling'));
    for (const work of [
      () => tree.open('link/secret'),
      () => tree.open('file-link'),
      () => put('link/new', 'x'),
      () => put('link/deep/new', 'x'),
      () => put('dangling/new', 'x'),
      () => tree.remove('link/secret'),
    ])
      await expect(work()).rejects.toMatchObject({ code: 'PATH_OUTSIDE_VOLUME' });
    expect(await readdir(other.directory)).toEqual(['secret']);
    await other.remove();
  });

  it('says CONFLICT when a file stands where a directory is needed, and the reverse', async () => {
    await put('file', 'x');
    await put('directory/file', 'x');
    await expect(put('file/below', 'x')).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(put('directory', 'x')).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await incoming()).toEqual([]);
  });

  it('lists in pages, recursively and by directory', async () => {
    for (const file of ['a', 'b/1', 'b/2', 'b/c/3', 'b.txt', 'd/e/f']) await put(file, file);
    const all = (await tree.list({ limit: 100 })).map((file) => file.path);
    expect(all).toEqual(['a', 'b.txt', 'b/1', 'b/2', 'b/c/3', 'd/e/f']);
    const paged: string[] = [];
    for (let after: string | null = null; ; after = paged.at(-1)!) {
      const page = await tree.list({ after, limit: 2 });
      if (page.length === 0) break;
      paged.push(...page.map((file) => file.path));
    }
    expect(paged).toEqual(all);
    const direct = await tree.listDirectory({ prefix: '', after: null, limit: 100 });
    expect(direct.map((entry) => entry.path)).toEqual(['a', 'b.txt', 'b/', 'd/']);
    const below = await tree.listDirectory({ prefix: 'b/', after: 'b/1', limit: 100 });
    expect(below.map((entry) => `${entry.type} ${entry.path}`)).toEqual(['file b/2', 'directory b/c/']);
  });
});
