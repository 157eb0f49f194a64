/** An embedded edge, as a process, that mirrors from a real S3 server. */
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, type Socket } from 'node:net';
import path from 'node:path';
import { createServer } from 'node:tls';
import { PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
// biome-ignore lint/style/noRestrictedImports: a TCP proxy for tests, nothing of the fabric itself.
import { startCuttingProxy } from '@/fabric/volumes/testing';
import { createFilesVolumes } from '@/lib/drivers/files';
import { volumesConformance } from '@/lib/ports/conformance/volumes';
import type { Volumes } from '@/lib/ports/volumes';
import type { S3Bucket, S3Settings } from '@/lib/s3';
import { makeBucket, noS3Because, type S3Server, startS3 } from '@/lib/s3/testing/s3-server';
import { FabricProcess, temporaryDirectory } from '../testing/fabric-process';
import { createS3Volumes } from '.';

const MISSION = 'missionx';
const POLL = { timeout: 50_000, interval: 50 };
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');

/** Ends TLS before a port, with a certificate of its own for `localhost`. */
async function startTls(directory: string, target: number) {
  const file = (name: string) => path.join(directory, name);
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '2'];
  const files = ['-keyout', file('key.pem'), '-out', file('cert.pem')];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync('openssl', ['req', ...kind, ...subject, ...files], { stdio: 'ignore' });
  const [cert, key] = [readFileSync(file('cert.pem'), 'utf8'), readFileSync(file('key.pem'), 'utf8')];
  const sockets = new Set<Socket>();
  const tls = createServer({ cert, key }, (client) => {
    const plain = connect(target, '127.0.0.1');
    for (const socket of [client, plain]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => [client, plain].forEach((each) => void each.destroy()));
    }
    client.pipe(plain).pipe(client);
  });
  // A client that does not trust the certificate.
  tls.on('tlsClientError', (_error, socket) => socket.destroy());
  await once(tls.listen(0, '127.0.0.1'), 'listening');
  const close = async () => {
    const closed = once(tls, 'close');
    tls.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { cert, end: { port: (tls.address() as AddressInfo).port, close } };
}

/** HQ's volumes in a new bucket, and those of an edge that reaches it with a key of its own, where there is one. */
async function openSites(server: S3Server, credentials?: S3Settings['credentials']) {
  const root = await temporaryDirectory();
  const { settings, bucket } = await makeBucket(server);
  const edge = await new FabricProcess('alpha', path.join(root.directory, 'alpha')).start();
  const hq = createS3Volumes({ ...settings, mission: MISSION });
  const source = { kind: 's3' as const, ...settings, ...(credentials && { credentials }) };
  const alpha = createFilesVolumes({ baseUrl: edge.baseUrl, mission: MISSION, site: 'alpha', source });
  const dispose = async () => {
    await Promise.all([alpha.close(), hq.close()]);
    bucket.close();
    await edge.kill();
    await root.remove();
  };
  return { settings, bucket, hq, alpha, dispose };
}

describe.skipIf(noS3Because)(`mirrors from S3${noS3Because ? ` (${noS3Because})` : ''}`, () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3();
  });
  afterAll(() => server.stop());

  volumesConformance('an embedded edge with HQ on S3', async () => {
    const { alpha, hq, dispose } = await openSites(server);
    return { volumes: alpha, source: { site: 'hq', volumes: hq }, dispose };
  });

  describe('a run', () => {
    let root: Awaited<ReturnType<typeof temporaryDirectory>>;
    let proxy: Awaited<ReturnType<typeof startCuttingProxy>>;
    let cutAfter: () => number | null;
    let settings: S3Settings;
    let bucket: S3Bucket;
    let edge: FabricProcess;
    let hq: Volumes;
    let alpha: Volumes;

    beforeEach(async () => {
      cutAfter = () => null;
      root = await temporaryDirectory();
      ({ settings, bucket } = await makeBucket(server));
      proxy = await startCuttingProxy(server.port, () => cutAfter());
      edge = await new FabricProcess('alpha', path.join(root.directory, 'alpha')).start();
      hq = createS3Volumes({ ...settings, mission: MISSION });
      await hq.ensureVolume('outbound');
      alpha = openEdge({});
      await alpha.ensureMirror('inbound', { volume: 'outbound', site: 'hq' });
    });
    afterEach(async () => {
      await Promise.all([hq.close(), alpha.close()]);
      await edge.kill();
      await proxy.close();
      bucket.close();
      await root.remove();
    });

    /** The edge reaches S3 through the proxy only. */
    function openEdge(changes: Partial<S3Settings>): Volumes {
      const source = { kind: 's3' as const, ...settings, endpoint: `http://127.0.0.1:${proxy.port}`, ...changes };
      return createFilesVolumes({ baseUrl: edge.baseUrl, mission: MISSION, site: 'alpha', source });
    }
    const status = () => alpha.mirrorStatus('inbound');
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
    async function expectSame() {
      expect(await contents(alpha, 'inbound')).toEqual(await contents(hq, 'outbound'));
    }
    const condition = async (parameters: Record<string, string>) => {
      const url = `${edge.baseUrl}/rest/link/conditioner/set?${new URLSearchParams(parameters)}`;
      expect(await (await fetch(url, { method: 'POST' })).json()).toMatchObject({ status: 'OK' });
    };

    it('brings what is new or changed, follows deletions, and nothing travels twice', async () => {
      await hq.put('outbound', 'a/large', randomBytes(300_000));
      await hq.put('outbound', 'b c/ü.bin', Buffer.from('one'));
      await hq.put('outbound', 'empty', Buffer.alloc(0));
      expect(await alpha.mirrorStatus('inbound', { refresh: true })).toMatchObject({
        filesTotal: 3,
        bytesTotal: 300_003,
      });
      expect(await run()).toMatchObject({ state: 'idle', lastError: null });
      await expectSame();

      const before = proxy.bytesIn;
      await hq.copy({ volume: 'outbound', path: 'a/large' }, { volume: 'outbound', path: 'moved' });
      await hq.remove('outbound', 'a/large');
      await hq.put('outbound', 'b c/ü.bin', Buffer.from('two'));
      expect(await run()).toMatchObject({ state: 'idle', lastError: null });
      await expectSame();
      expect(proxy.bytesIn - before).toBeLessThan(20_000);
      // An object that Fieldline did not write, and a console's folder, are no files of the volume.
      await bucket.put(`${MISSION}.outbound/files/folder/`, Buffer.alloc(0));
      await bucket.put(`${MISSION}.outbound/files/foreign`, Buffer.from('x'));
      expect(await run()).toMatchObject({ state: 'idle', lastError: null });
      expect((await alpha.list('inbound')).map((file) => file.path)).toEqual(['b c/ü.bin', 'empty', 'moved']);
    });

    it('lists volumes of many pages, going on after an interruption', async () => {
      const names = Array.from({ length: 450 }, (_, index) => `f${index}`);
      for (let at = 0; at < names.length; at += 50)
        await Promise.all(names.slice(at, at + 50).map((name) => hq.put('outbound', name, Buffer.from(name))));
      let connections = 0;
      cutAfter = () => (connections++ < 6 ? 90_000 : null);
      expect(await run()).toMatchObject({ state: 'idle', lastError: null });
      await expectSame();
    });

    it('survives a connection that is cut again and again, bringing every byte about once', async () => {
      const size = 3_000_000;
      await hq.put('outbound', 'large', randomBytes(size));
      for (let index = 0; index < 10; index += 1) await hq.put('outbound', `small ${index}`, randomBytes(20_000));
      cutAfter = () => 50_000 + Math.floor(Math.random() * 300_000);
      expect(await run()).toMatchObject({ state: 'idle', lastError: null });
      await expectSame();
      expect(proxy.cuts).toBeGreaterThan(3);
      expect(proxy.bytesIn).toBeLessThan(2 * size);
    });

    it('survives kill -9 of the edge and of the S3 server in the middle', async () => {
      // More than the sockets of the system hold by themselves.
      await hq.put('outbound', 'large', randomBytes(30_000_000));
      await hq.put('outbound', 'small', randomBytes(30_000));
      await condition({ bytesPerSecond: '5000000' });
      await alpha.startMirror('inbound');
      await expect.poll(async () => (await status()).bytesDone, POLL).toBeGreaterThan(2_000_000);
      await edge.kill();
      // The conditioner is not kept across a restart: nothing comes before it is set again.
      proxy.isDown = true;
      await edge.start();
      await condition({ bytesPerSecond: '5000000' });
      proxy.isDown = false;
      // It goes on by itself, with what it had: the object store and its credentials were kept.
      await expect.poll(async () => (await status()).filesTotal, POLL).not.toBeNull();
      expect((await status()).bytesDone).toBeGreaterThan(2_000_000);
      await server.kill('SIGKILL');
      // What the proxy still holds would arrive otherwise.
      proxy.cutNow();
      await expect.poll(async () => (await status()).lastError, POLL).not.toBeNull();
      expect((await status()).state).toBe('running');
      await server.start();
      expect(await ended()).toMatchObject({ state: 'idle', lastError: null });
      await expectSame();
    });

    it('waits while the link conditioner cuts the link', async () => {
      await hq.put('outbound', 'f', randomBytes(2_000_000));
      await condition({ bytesPerSecond: '400000' });
      await alpha.startMirror('inbound');
      await expect.poll(async () => (await status()).bytesDone, POLL).toBeGreaterThan(100_000);
      await condition({ cut: 'true' });
      await expect.poll(async () => (await status()).lastError, POLL).toMatch(/cut by the link conditioner/);
      const held = proxy.bytesIn;
      expect((await status()).bytesPerSecond).toBeDefined();
      expect(proxy.bytesIn).toBe(held);
      await condition({ cut: 'false', bytesPerSecond: '' });
      expect(await ended()).toMatchObject({ state: 'idle', lastError: null });
      await expectSame();
    });

    it('begins a file anew when it changed at the source, and never shows a mixture', async () => {
      await hq.put('outbound', 'f', randomBytes(1_500_000));
      let connections = 0;
      cutAfter = () => (connections++ < 3 ? 400_000 : 0);
      await alpha.startMirror('inbound');
      await expect.poll(async () => (await status()).bytesDone, POLL).toBeGreaterThan(200_000);
      const next = randomBytes(900_000);
      await hq.put('outbound', 'f', next);
      cutAfter = () => null;
      expect(await ended()).toMatchObject({ state: 'idle', lastError: null });
      expect(await contents(alpha, 'inbound')).toEqual([{ file: 'f', bytes: next.length, digest: sha256(next) }]);
    });

    it('never shows what has another digest than it should; the others arrive', async () => {
      const key = `${MISSION}.outbound/files/damaged`;
      await bucket.put(key, randomBytes(1000), { sha256: sha256(Buffer.from('what it was')) });
      const good = await hq.put('outbound', 'good', randomBytes(1000));
      expect(await run()).toMatchObject({
        state: 'failed',
        lastError: expect.stringContaining('"damaged" arrived damaged'),
      });
      expect(await contents(alpha, 'inbound')).toEqual([{ file: 'good', bytes: 1000, digest: good.sha256 }]);
    });

    it('brings over TLS, and only from a server whose certificate is trusted', async () => {
      const { cert, end } = await startTls(root.directory, proxy.port);
      const source = { endpoint: `https://localhost:${end.port}` };
      await hq.put('outbound', 'f', randomBytes(200_000));
      const untrusted = openEdge(source);
      await untrusted.ensureMirror('inbound', { volume: 'outbound', site: 'hq' });
      expect(await alpha.mirrorStatus('inbound', { refresh: true })).toMatchObject({ filesTotal: null });
      expect(await run()).toMatchObject({ state: 'failed', lastError: expect.stringContaining('certificate') });
      const trusted = openEdge({ ...source, ca: cert });
      await trusted.ensureMirror('inbound', { volume: 'outbound', site: 'hq' });
      expect(await run()).toMatchObject({ state: 'idle', lastError: null });
      await expectSame();
      await Promise.all([untrusted.close(), trusted.close(), end.close()]);
    });

    it('deletes nothing because of a volume, a bucket or credentials that are not right', async () => {
      await hq.put('outbound', 'f', Buffer.from('kept'));
      await run();
      for (const { key } of (await bucket.list(`${MISSION}.outbound/`)).objects) await bucket.remove(key);
      expect(await run()).toMatchObject({ state: 'failed', lastError: expect.stringContaining('There is no volume') });
      const { credentials } = settings;
      const wrong: [Partial<S3Settings>, RegExp][] = [
        [{ bucket: 'no-such-bucket' }, /has no bucket/],
        [{ credentials: { ...credentials, secretAccessKey: 'wrong-secret' } }, /does not accept the access key/],
      ];
      for (const [changes, words] of wrong) {
        const changed = openEdge(changes);
        await changed.ensureMirror('inbound', { volume: 'outbound', site: 'hq' });
        const failed = await run();
        expect(failed).toMatchObject({ state: 'failed', lastError: expect.stringMatching(words) });
        expect(JSON.stringify(failed)).not.toContain('wrong-secret');
        await changed.close();
      }
      expect((await alpha.list('inbound')).map((file) => file.path)).toEqual(['f']);
    });
  });
});

describe.skipIf(noS3Because)("an edge with a key of its own at HQ's bucket", () => {
  const credentials = { accessKeyId: 'alpha', secretAccessKey: 'secret-of-alpha' };
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3({ users: [credentials] });
  });
  afterAll(() => server.stop());

  it('needs to list it and to read its outbound volume, and nothing else', async () => {
    const { settings, bucket, hq, alpha, dispose } = await openSites(server, credentials);
    try {
      // As docs/mixed-mission.md says.
      const allow = (action: string, resource: string) => ({
        Effect: 'Allow',
        Principal: { AWS: [credentials.accessKeyId] },
        Action: action,
        Resource: `arn:aws:s3:::${settings.bucket}${resource}`,
      });
      const statement = [allow('s3:ListBucket', ''), allow('s3:GetObject', `/${MISSION}.outbound-alpha/*`)];
      const policy = JSON.stringify({ Version: '2012-10-17', Statement: statement });
      for (const volume of ['outbound-alpha', 'outbound-bravo']) {
        await hq.ensureVolume(volume);
        await hq.put(volume, 'a/b', randomBytes(100_000));
      }
      await alpha.ensureMirror('inbound', { volume: 'outbound-alpha', site: 'hq' });
      await alpha.startMirror('inbound');
      await expect
        .poll(async () => (await alpha.mirrorStatus('inbound')).lastError, POLL)
        .toMatch(/does not allow this.* for an edge, to list and read/);

      await bucket.client.send(new PutBucketPolicyCommand({ Bucket: settings.bucket, Policy: policy }));
      await alpha.startMirror('inbound');
      await expect.poll(async () => (await alpha.list('inbound')).map((file) => file.path), POLL).toEqual(['a/b']);
      const theirs = createS3Volumes({ ...settings, credentials, mission: MISSION });
      await expect(theirs.get('outbound-bravo', 'a/b')).rejects.toMatchObject({ code: 'FORBIDDEN' });
      await expect(theirs.put('outbound-alpha', 'c', Buffer.from('x'))).rejects.toMatchObject({ code: 'FORBIDDEN' });
      await theirs.close();
    } finally {
      await dispose();
    }
  });
});
