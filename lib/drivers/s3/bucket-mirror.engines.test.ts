/** An edge with a bucket of its own that mirrors from HQ's, on a real S3 server, one process at a time by a real PostgreSQL. */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
// biome-ignore lint/style/noRestrictedImports: a TCP proxy for tests, nothing of the fabric itself.
import { startCuttingProxy } from '@/fabric/volumes/testing';
import { volumesConformance } from '@/lib/ports/conformance/volumes';
import type { Volumes } from '@/lib/ports/volumes';
import type { S3Bucket, S3Settings } from '@/lib/s3';
import { makeBucket, noS3Because, type S3Server, startS3 } from '@/lib/s3/testing/s3-server';
import { startPostgres } from '@/scripts/engines/postgres.mjs';
import { engine } from '@/scripts/engines/provision.mjs';
import { createPostgresHold } from '../postgres';
import { createS3Volumes } from '.';

const MISSION = 'missionx';
const POLL = { timeout: 50_000, interval: 50 };
const MB = 1024 * 1024;
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');
const why = noS3Because ?? engine('postgres').why;

describe.skipIf(why)(`mirrors from bucket to bucket${why ? ` (${why})` : ''}`, () => {
  let server: S3Server;
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  beforeAll(async () => {
    [server, postgres] = await Promise.all([startS3(), startPostgres()]);
  });
  afterAll(async () => {
    await server?.stop();
    await postgres?.stop();
  });

  const RETRIES = { backoffMsMin: 20, backoffMsMax: 200, giveUpMs: 60_000 };
  const openEdge = (own: S3Settings, source: S3Settings) =>
    createS3Volumes({
      ...own,
      mission: MISSION,
      mirrors: { sourceOf: () => source, tryHold: createPostgresHold(postgres), limits: RETRIES },
    });

  volumesConformance('an edge on S3 with HQ on S3', async () => {
    const [own, source] = [await makeBucket(server), await makeBucket(server)];
    const volumes = openEdge(own.settings, source.settings);
    const hq = createS3Volumes({ ...source.settings, mission: MISSION });
    return {
      volumes,
      source: { site: 'hq', volumes: hq },
      dispose: async () => {
        await Promise.all([volumes.close(), hq.close()]);
        for (const { bucket } of [own, source]) bucket.close();
      },
    };
  });

  describe('a run', () => {
    let proxy: Awaited<ReturnType<typeof startCuttingProxy>>;
    let cutAfter: () => number | null;
    let own: { settings: S3Settings; bucket: S3Bucket };
    let source: { settings: S3Settings; bucket: S3Bucket };
    let hq: Volumes;
    let alpha: Volumes;
    /** The edge reaches HQ's bucket through the proxy only, and its own directly. */
    const throughProxy = () => ({ ...source.settings, endpoint: `http://127.0.0.1:${proxy.port}` });

    beforeEach(async () => {
      cutAfter = () => null;
      proxy = await startCuttingProxy(server.port, () => cutAfter());
      [own, source] = [await makeBucket(server), await makeBucket(server)];
      hq = createS3Volumes({ ...source.settings, mission: MISSION });
      await hq.ensureVolume('outbound');
      alpha = await opened();
    });
    afterEach(async () => {
      await Promise.all([hq.close(), alpha.close()]);
      await proxy.close();
      for (const { bucket } of [own, source]) bucket.close();
    });

    async function opened(): Promise<Volumes> {
      const volumes = openEdge(own.settings, throughProxy());
      await volumes.ensureMirror('inbound', { volume: 'outbound', site: 'hq' });
      return volumes;
    }
    const status = (of = alpha) => of.mirrorStatus('inbound');
    async function ended() {
      await expect.poll(async () => (await status()).state, POLL).not.toBe('running');
      return status();
    }
    async function run() {
      await alpha.startMirror('inbound');
      return ended();
    }
    const contents = async (of: Volumes, volume: string) =>
      (await of.list(volume)).map(({ path: file, bytes, sha256: digest }) => ({ file, bytes, digest }));
    const expectSame = async () => expect(await contents(alpha, 'inbound')).toEqual(await contents(hq, 'outbound'));

    it('brings what is new or changed, follows deletions, and nothing travels twice', async () => {
      await hq.put('outbound', 'a/large', randomBytes(9 * MB));
      await hq.put('outbound', 'b c/ü.bin', Buffer.from('one'));
      await hq.put('outbound', 'empty', Buffer.alloc(0));
      expect(await run()).toMatchObject({ state: 'idle', lastError: null, pending: [] });
      await expectSame();
      const before = proxy.bytesIn;
      await hq.copy({ volume: 'outbound', path: 'a/large' }, { volume: 'outbound', path: 'moved' });
      await hq.remove('outbound', 'a/large');
      await hq.put('outbound', 'b c/ü.bin', Buffer.from('two'));
      expect(await run()).toMatchObject({ state: 'idle', lastError: null });
      await expectSame();
      expect(proxy.bytesIn - before).toBeLessThan(20_000);
      // What lay aside is gone, and no upload is left open.
      const keys = (await own.bucket.list(`${MISSION}.inbound/mirror/`)).objects.map(({ key }) => key);
      expect(keys).toEqual([`${MISSION}.inbound/mirror/state.json`]);
    });

    it('survives a connection that is cut again and again, bringing every byte about once', async () => {
      const size = 20 * MB;
      await hq.put('outbound', 'large', randomBytes(size));
      for (let index = 0; index < 10; index += 1) await hq.put('outbound', `small ${index}`, randomBytes(20_000));
      cutAfter = () => 500_000 + Math.floor(Math.random() * 3_000_000);
      expect(await run()).toMatchObject({ state: 'idle', lastError: null });
      await expectSame();
      expect(proxy.cuts).toBeGreaterThan(3);
      expect(proxy.bytesIn).toBeLessThan(1.5 * size);
    });

    it('is stopped by the end of its process, says so, and goes on with what was brought', async () => {
      await hq.put('outbound', 'large', randomBytes(30 * MB));
      await hq.put('outbound', 'small', randomBytes(1000));
      let passed = 0;
      cutAfter = () => (passed++ < 12 ? 4 * MB : 0);
      await alpha.startMirror('inbound');
      await expect.poll(async () => (await status()).bytesDone, POLL).toBeGreaterThan(17 * MB);
      // As far as the bucket and the database can tell, a kill: nothing is written any more, and the session ends.
      await alpha.close();
      const before = proxy.bytesIn;
      cutAfter = () => null;
      alpha = await opened();
      expect(await status()).toMatchObject({
        state: 'failed',
        lastError: expect.stringContaining('ended in the middle'),
      });
      expect((await alpha.list('inbound')).map(({ path }) => path)).not.toContain('large');
      expect(await alpha.mirrorStatus('inbound', { refresh: true })).toMatchObject({ bytesDone: 16 * MB });
      expect(await run()).toMatchObject({ state: 'idle', lastError: null });
      await expectSame();
      expect(proxy.bytesIn - before).toBeLessThan(16 * MB);
    });

    it('runs in one process of the site at a time, which the others see', async () => {
      const other = await opened();
      try {
        await hq.put('outbound', 'f', randomBytes(2 * MB));
        cutAfter = () => 0;
        await alpha.startMirror('inbound');
        await expect(other.startMirror('inbound')).rejects.toMatchObject({ code: 'MIRROR_RUNNING' });
        expect((await status(other)).state).toBe('running');
        await alpha.stopMirror('inbound');
        expect(await status(other)).toMatchObject({ state: 'idle', lastError: null });
        cutAfter = () => null;
        await other.startMirror('inbound');
        await expect.poll(async () => (await status(other)).lastSuccessAt, POLL).not.toBeNull();
        await expectSame();
      } finally {
        await other.close();
      }
    });

    it('is known to a process that did not declare it, with its source and how far it is', async () => {
      await hq.put('outbound', 'f', randomBytes(1000));
      await run();
      const other = openEdge(own.settings, throughProxy());
      try {
        await other.ensureVolume('plain');
        const { source: from, lastSuccessAt, state } = await status();
        expect(await status(other)).toMatchObject({ source: from, lastSuccessAt, state });
        await expect(other.mirrorStatus('plain')).rejects.toMatchObject({ code: 'CONFLICT' });
      } finally {
        await other.close();
      }
    });

    it('ends when the database that it hangs on goes away', async () => {
      await hq.put('outbound', 'f', randomBytes(2 * MB));
      cutAfter = () => 0;
      await alpha.startMirror('inbound');
      await postgres.kill();
      await postgres.start();
      expect(await ended()).toMatchObject({ state: 'failed', lastError: expect.stringContaining('Start it again') });
      cutAfter = () => null;
      expect(await run()).toMatchObject({ state: 'idle', lastError: null });
      await expectSame();
    });

    it('never shows what has another digest than it should; the others arrive', async () => {
      for (const bytes of [1000, 9 * MB]) {
        const key = `${MISSION}.outbound/files/damaged ${bytes}`;
        await source.bucket.put(key, randomBytes(bytes), { sha256: sha256(Buffer.from(`what it was ${bytes}`)) });
      }
      const good = await hq.put('outbound', 'good', randomBytes(1000));
      expect(await run()).toMatchObject({ state: 'failed', lastError: expect.stringContaining('arrived damaged') });
      expect(await contents(alpha, 'inbound')).toEqual([{ file: 'good', bytes: 1000, digest: good.sha256 }]);
    });

    it('leaves the old content where a run fails, and deletes nothing because of a bucket that is not right', async () => {
      await hq.put('outbound', 'f', Buffer.from('kept'));
      await run();
      for (const { key } of (await source.bucket.list(`${MISSION}.outbound/`)).objects) await source.bucket.remove(key);
      expect(await run()).toMatchObject({ state: 'failed', lastError: expect.stringContaining('There is no volume') });
      const { credentials } = source.settings;
      const wrong = openEdge(own.settings, {
        ...source.settings,
        credentials: { ...credentials, secretAccessKey: 'wrong-secret' },
      });
      await wrong.ensureMirror('inbound', { volume: 'outbound', site: 'hq' });
      await wrong.startMirror('inbound');
      await expect.poll(async () => (await status(wrong)).state, POLL).toBe('failed');
      expect((await status(wrong)).lastError).toMatch(/does not accept the access key/);
      await wrong.close();
      expect((await alpha.list('inbound')).map((file) => file.path)).toEqual(['f']);
    });

    it('replaces and removes what another program put into the volume', async () => {
      await hq.put('outbound', 'f', Buffer.from('right'));
      await own.bucket.put(`${MISSION}.inbound/files/f`, Buffer.from('wrong'));
      await own.bucket.put(`${MISSION}.inbound/files/foreign`, Buffer.from('x'));
      expect(await run()).toMatchObject({ state: 'idle', lastError: null });
      await expectSame();
    });
  });
});
