/** The suite that every driver of the volumes port passes. */
import { createHash, randomBytes } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FileContent, Volumes } from '@/lib/ports/volumes';

/** Fresh, empty fabrics: one that can mirror from the other. */
export interface VolumesUnderTest {
  volumes: Volumes;
  /** Whose volumes can be mirrored; null for a kind without mirrors, which then refuses them with UNSUPPORTED. */
  source: { site: string; volumes: Volumes } | null;
  dispose(): Promise<void>;
}

const SETTLE_TIMEOUT_MS = 45_000;
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');

async function bytesOf(content: FileContent | null): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of content!.stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** `mirrors: false` for a kind that has none: what it then does with them is part of the suite too. */
export function volumesConformance(
  name: string,
  make: () => Promise<VolumesUnderTest>,
  { mirrors = true }: { mirrors?: boolean } = {},
): void {
  describe(`volumes conformance: ${name}`, () => {
    let under: VolumesUnderTest;
    let volumes: Volumes;
    beforeEach(async () => {
      under = await make();
      volumes = under.volumes;
      await volumes.ensureVolume('files');
    });
    afterEach(() => under.dispose());

    const putText = (path: string, text: string) => volumes.put('files', path, Buffer.from(text));
    const textOf = async (path: string, volume = 'files') =>
      (await bytesOf(await volumes.get(volume, path))).toString();

    it('keeps what is put, with size and digest, from a buffer and from a stream', async () => {
      const content = randomBytes(300_000);
      const stored = await volumes.put('files', 'a/b c/ü.bin', content);
      expect(stored).toMatchObject({ path: 'a/b c/ü.bin', bytes: content.length, sha256: sha256(content) });
      expect(await volumes.stat('files', 'a/b c/ü.bin')).toEqual(stored);
      const got = await volumes.get('files', 'a/b c/ü.bin');
      expect(got).toMatchObject({ info: stored, range: { start: 0, end: content.length - 1 } });
      expect((await bytesOf(got)).equals(content)).toBe(true);
      const parts = [content.subarray(0, 100_000), content.subarray(100_000)];
      expect(await volumes.put('files', 's', Readable.from(parts))).toMatchObject({ sha256: stored.sha256 });
      await volumes.put('files', 'empty', Buffer.alloc(0));
      expect(await textOf('empty')).toBe('');
    });

    it('has nothing where nothing was put', async () => {
      expect(await volumes.stat('files', 'none')).toBeNull();
      expect(await volumes.get('files', 'none')).toBeNull();
      expect(await volumes.remove('files', 'none')).toBe(false);
      expect(await volumes.list('files')).toEqual([]);
      await expect(volumes.list('no-such-volume')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    it('can be told to ensure a volume again, and keeps its files', async () => {
      await putText('f', 'x');
      await volumes.ensureVolume('files');
      expect(await textOf('f')).toBe('x');
    });

    it('serves ranges', async () => {
      await putText('f', '0123456789');
      const range = async (start: number, end?: number) => {
        const got = await volumes.get('files', 'f', { range: { start, end } });
        return [got?.range, (await bytesOf(got)).toString(), got?.info.bytes];
      };
      expect(await range(2, 4)).toEqual([{ start: 2, end: 4 }, '234', 10]);
      expect(await range(7)).toEqual([{ start: 7, end: 9 }, '789', 10]);
      expect(await range(0, 99)).toEqual([{ start: 0, end: 9 }, '0123456789', 10]);
      expect(await range(9, 9)).toEqual([{ start: 9, end: 9 }, '9', 10]);
      await expect(volumes.get('files', 'f', { range: { start: 10 } })).rejects.toMatchObject({
        code: 'REQUEST_INVALID',
      });
      await expect(volumes.get('files', 'f', { range: { start: 5, end: 4 } })).rejects.toMatchObject({
        code: 'REQUEST_INVALID',
      });
    });

    it('replaces a file as a whole; who reads the old one reads it to its end', async () => {
      const [old, next] = [randomBytes(2_000_000), randomBytes(1_000_000)];
      await volumes.put('files', 'f', old);
      const reading = await volumes.get('files', 'f');
      await volumes.put('files', 'f', next);
      expect(sha256(await bytesOf(reading))).toBe(sha256(old));
      expect(sha256(await bytesOf(await volumes.get('files', 'f')))).toBe(sha256(next));
    });

    it('holds one complete version after concurrent writes of one name', async () => {
      const contents = Array.from({ length: 10 }, (_, index) => Buffer.alloc(200_000, index));
      await Promise.all(contents.map((content) => volumes.put('files', 'same', Readable.from([content]))));
      const there = await bytesOf(await volumes.get('files', 'same'));
      expect(contents.map(sha256)).toContain(sha256(there));
      expect(await volumes.stat('files', 'same')).toMatchObject({ bytes: there.length, sha256: sha256(there) });
      expect(await volumes.list('files')).toHaveLength(1);
    });

    it('shows nothing of an upload that breaks off, is aborted, or is too large', async () => {
      await putText('kept', 'before');
      const broken = new PassThrough();
      const upload = volumes.put('files', 'kept', broken);
      broken.write(randomBytes(100_000));
      broken.destroy(new Error('the source broke off'));
      await expect(upload).rejects.toThrow();

      const abort = new AbortController();
      const endless = new PassThrough();
      const aborted = volumes.put('files', 'kept', endless, { signal: abort.signal });
      endless.write(randomBytes(100_000));
      abort.abort();
      // Ends the memory of the stream; a driver may already have let go of it.
      endless.destroy();
      await expect(aborted).rejects.toThrow();

      const large = Readable.from([randomBytes(600), randomBytes(600)]);
      await expect(volumes.put('files', 'kept', large, { maxBytes: 1000 })).rejects.toMatchObject({
        code: 'ASSET_TOO_LARGE',
      });
      expect(await textOf('kept')).toBe('before');
      expect((await volumes.list('files')).map((file) => file.path)).toEqual(['kept']);
    });

    it('lists by path, also by a prefix', async () => {
      for (const path of ['b/2', 'a', 'b/1', 'b.txt', 'bc/d/e']) await putText(path, path);
      const paths = async (prefix?: string) => (await volumes.list('files', prefix)).map((file) => file.path);
      expect(await paths()).toEqual(['a', 'b.txt', 'b/1', 'b/2', 'bc/d/e']);
      expect(await paths('b/')).toEqual(['b/1', 'b/2']);
      expect(await paths('b')).toEqual(['b.txt', 'b/1', 'b/2', 'bc/d/e']);
      expect(await paths('none/')).toEqual([]);
      expect((await volumes.list('files', 'a'))[0]).toEqual(await volumes.stat('files', 'a'));
    });

    it('copies within the site; a copy is a file of its own', async () => {
      await volumes.ensureVolume('other');
      await putText('from', 'content');
      const copied = await volumes.copy({ volume: 'files', path: 'from' }, { volume: 'other', path: 'deep/to' });
      expect(copied).toMatchObject({ path: 'deep/to', bytes: 7, sha256: sha256(Buffer.from('content')) });
      await putText('from', 'changed');
      expect(await textOf('deep/to', 'other')).toBe('content');
      const missing = volumes.copy({ volume: 'files', path: 'none' }, { volume: 'other', path: 'x' });
      await expect(missing).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    it('removes', async () => {
      await putText('d/f', 'x');
      expect(await volumes.remove('files', 'd/f')).toBe(true);
      expect(await volumes.remove('files', 'd/f')).toBe(false);
      expect(await volumes.stat('files', 'd/f')).toBeNull();
    });

    it('refuses names that could leave the volume', async () => {
      await volumes.ensureVolume('other');
      await volumes.put('other', 'secret', Buffer.from('x'));
      const refused = { code: 'PATH_OUTSIDE_VOLUME' };
      for (const path of ['../other/secret', 'a/../../other/secret', '/etc/passwd', 'a//b', '.', '', 'a\0b', 'a\\b']) {
        const what = JSON.stringify(path);
        await expect(volumes.get('files', path), what).rejects.toMatchObject(refused);
        await expect(volumes.stat('files', path), what).rejects.toMatchObject(refused);
        await expect(volumes.put('files', path, Buffer.from('y')), what).rejects.toMatchObject(refused);
        await expect(volumes.remove('files', path), what).rejects.toMatchObject(refused);
        const copy = volumes.copy({ volume: 'files', path }, { volume: 'files', path: 'to' });
        await expect(copy, what).rejects.toMatchObject(refused);
      }
      expect(await textOf('secret', 'other')).toBe('x');
    });

    if (!mirrors) {
      it('says that it has no mirrors', async () => {
        const refused = { code: 'UNSUPPORTED' };
        const wanted = { volume: 'outbound', site: 'hq' };
        await expect(volumes.ensureMirror('inbound', wanted)).rejects.toMatchObject(refused);
        await expect(volumes.startMirror('inbound')).rejects.toMatchObject(refused);
        await expect(volumes.stopMirror('inbound')).rejects.toMatchObject(refused);
        await expect(volumes.mirrorStatus('inbound')).rejects.toMatchObject(refused);
      });
      return;
    }

    describe('a mirror', () => {
      const source = () => under.source!;
      const ended = async () => {
        await vi.waitFor(async () => expect((await volumes.mirrorStatus('inbound')).state).not.toBe('running'), {
          timeout: SETTLE_TIMEOUT_MS,
          interval: 20,
        });
        return volumes.mirrorStatus('inbound');
      };
      beforeEach(async () => {
        await source().volumes.ensureVolume('outbound');
        await volumes.ensureMirror('inbound', { volume: 'outbound', site: source().site });
      });

      it('brings what its source has, follows changes and deletions, and can be ensured again', async () => {
        const { volumes: outbound } = source();
        await outbound.put('outbound', 'a/one', Buffer.from('one'));
        await outbound.put('outbound', 'two', randomBytes(100_000));
        await volumes.startMirror('inbound');
        expect(await ended()).toMatchObject({ state: 'idle', lastError: null, pending: [] });
        await outbound.remove('outbound', 'a/one');
        await outbound.put('outbound', 'two', Buffer.from('2'));
        await outbound.put('outbound', 'three', Buffer.from('three'));
        await volumes.ensureMirror('inbound', { volume: 'outbound', site: source().site });
        await volumes.startMirror('inbound');
        const status = await ended();
        expect(status).toMatchObject({ state: 'idle', source: `outbound@${source().site}` });
        // Both are of the run that is over: whoever looks afterwards must know what it came after.
        expect(status.startedAt).not.toBeNull();
        expect(status.lastSuccessAt).toBeGreaterThanOrEqual(status.startedAt!);
        const digests = async (of: Volumes, volume: string) =>
          (await of.list(volume)).map(({ path, sha256: digest }) => [path, digest]);
        expect(await digests(volumes, 'inbound')).toEqual(await digests(outbound, 'outbound'));
      });

      it('tells what waits before it is started', async () => {
        await source().volumes.put('outbound', 'f', randomBytes(1000));
        expect(await volumes.mirrorStatus('inbound', { refresh: true })).toMatchObject({
          state: 'idle',
          filesTotal: 1,
          bytesTotal: 1000,
          filesDone: 0,
          pending: [{ path: 'f', bytes: 1000 }],
          lastSuccessAt: null,
        });
        expect(await volumes.list('inbound')).toEqual([]);
      });

      it('refuses writes', async () => {
        await volumes.ensureVolume('files');
        await putText('f', 'x');
        const refused = { code: 'VOLUME_READ_ONLY' };
        await expect(volumes.put('inbound', 'f', Buffer.from('x'))).rejects.toMatchObject(refused);
        await expect(volumes.put('inbound', 'f', Readable.from([randomBytes(10)]))).rejects.toMatchObject(refused);
        await expect(volumes.remove('inbound', 'f')).rejects.toMatchObject(refused);
        const copy = volumes.copy({ volume: 'files', path: 'f' }, { volume: 'inbound', path: 'f' });
        await expect(copy).rejects.toMatchObject(refused);
      });

      it('runs once at a time, and can be stopped at any time', async () => {
        for (let index = 0; index < 200; index += 1)
          await source().volumes.put('outbound', `f${index}`, Buffer.from(String(index)));
        await volumes.stopMirror('inbound');
        await volumes.startMirror('inbound');
        await expect(volumes.startMirror('inbound')).rejects.toMatchObject({ code: 'MIRROR_RUNNING' });
        await volumes.stopMirror('inbound');
        expect((await ended()).lastError).toBeNull();
        await volumes.startMirror('inbound');
        await ended();
        expect(await volumes.list('inbound')).toHaveLength(200);
      });
    });
  });
}
