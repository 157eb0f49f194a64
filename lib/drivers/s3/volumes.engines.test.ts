/** The volumes driver against a real S3 server. */
import { createHash, randomBytes } from 'node:crypto';
import dns from 'node:dns';
import { PassThrough, Readable } from 'node:stream';
import { ListMultipartUploadsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { volumesConformance } from '@/lib/ports/conformance/volumes';
import type { FileContent, Volumes } from '@/lib/ports/volumes';
import { type S3Bucket, type S3Settings, VolumeDigests, type VolumeFile } from '@/lib/s3';
import { makeBucket, noS3Because, type S3Server, startS3 } from '@/lib/s3/testing/s3-server';
import { createS3Volumes } from '.';
import { PART_BYTES } from './multipart';

const DAY_MS = 24 * 60 * 60_000;
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');
async function bytesOf(content: FileContent | null): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of content!.stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe.skipIf(noS3Because)(`S3${noS3Because ? ` (${noS3Because})` : ''}`, () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3();
  });
  afterAll(() => server.stop());

  volumesConformance(
    'S3',
    async () => {
      const { settings, bucket } = await makeBucket(server);
      const volumes = createS3Volumes({ ...settings, mission: 'missionx' });
      return {
        volumes,
        source: null,
        dispose: async () => {
          await volumes.close();
          bucket.close();
        },
      };
    },
    { mirrors: false },
  );

  let settings: S3Settings;
  let bucket: S3Bucket;
  let volumes: Volumes;
  beforeEach(async () => {
    ({ settings, bucket } = await makeBucket(server));
    volumes = createS3Volumes({ ...settings, mission: 'missionx' });
    await volumes.ensureVolume('files');
  });
  afterEach(async () => {
    await volumes.close();
    bucket.close();
  });

  const keys = async (prefix: string) => (await bucket.list(`missionx.files/${prefix}`)).objects.map(({ key }) => key);
  const uploads = async () => {
    const command = new ListMultipartUploadsCommand({ Bucket: settings.bucket });
    return (await bucket.client.send(command)).Uploads ?? [];
  };
  /** In pieces, as a download comes. */
  const streamOf = (content: Buffer) =>
    Readable.from(
      (function* () {
        for (let at = 0; at < content.length; at += 100_000) yield content.subarray(at, at + 100_000);
      })(),
      { objectMode: false },
    );

  it('streams a large file in parts, with its digest in the metadata, and leaves nothing beside it', async () => {
    const content = randomBytes(2 * PART_BYTES + 12_345);
    const stored = await volumes.put('files', 'large', streamOf(content));
    expect(stored).toMatchObject({ bytes: content.length, sha256: sha256(content) });
    expect((await bucket.head('missionx.files/files/large'))?.sha256).toBe(stored.sha256);
    expect(await volumes.list('files')).toEqual([stored]);
    expect(sha256(await bytesOf(await volumes.get('files', 'large')))).toBe(stored.sha256);
    const middle = await volumes.get('files', 'large', { range: { start: PART_BYTES - 5, end: PART_BYTES + 4 } });
    expect((await bytesOf(middle)).equals(content.subarray(PART_BYTES - 5, PART_BYTES + 5))).toBe(true);
    expect(await uploads()).toEqual([]);
    expect(await keys('incoming/')).toEqual([]);
    const copied = await volumes.copy({ volume: 'files', path: 'large' }, { volume: 'files', path: 'copy' });
    expect(copied.sha256).toBe(stored.sha256);
    expect((await volumes.list('files')).map((file) => file.sha256)).toEqual([stored.sha256, stored.sha256]);
    // A buffer of exactly one part is no special case.
    const exact = randomBytes(PART_BYTES);
    expect(await volumes.put('files', 'exact', exact)).toMatchObject({ bytes: PART_BYTES, sha256: sha256(exact) });
  });

  it('leaves nothing of a large upload that is cut, aborted or too large', async () => {
    const content = randomBytes(2 * PART_BYTES + 1);
    const cut = new PassThrough();
    const upload = volumes.put('files', 'f', cut);
    cut.write(content, () => cut.destroy(new Error('the source broke off')));
    await expect(upload).rejects.toThrow('the source broke off');

    const abort = new AbortController();
    const endless = new PassThrough();
    const aborted = volumes.put('files', 'f', endless, { signal: abort.signal });
    endless.write(content, () => abort.abort());
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' });

    const large = volumes.put('files', 'f', streamOf(content), { maxBytes: content.length - 1 });
    await expect(large).rejects.toMatchObject({ code: 'ASSET_TOO_LARGE' });
    expect(await keys('files/')).toEqual([]);
    expect(await keys('incoming/')).toEqual([]);
    expect(await uploads()).toEqual([]);
  });

  it('holds one whole version after large writes of one name at once', async () => {
    const contents = Array.from({ length: 4 }, (_, index) => Buffer.alloc(PART_BYTES + 1000 + index, index));
    await Promise.all(contents.map((content) => volumes.put('files', 'same', streamOf(content))));
    const there = await bytesOf(await volumes.get('files', 'same'));
    expect(contents.map(sha256)).toContain(sha256(there));
    expect(await volumes.list('files')).toMatchObject([{ path: 'same', bytes: there.length, sha256: sha256(there) }]);
  });

  it('sweeps what a killed process left, a day later, and nothing else', async () => {
    const dead = createS3Volumes({ ...settings, mission: 'missionx' });
    const endless = new PassThrough();
    const upload = dead.put('files', 'f', endless);
    endless.write(randomBytes(2 * PART_BYTES));
    await expect.poll(async () => (await uploads()).length).toBe(1);
    await bucket.put('missionx.files/incoming/complete', randomBytes(10));
    await volumes.put('files', 'removed', Buffer.from('x'));
    await volumes.remove('files', 'removed');
    const kept = await volumes.put('files', 'kept', Buffer.from('y'));

    const tomorrow = { now: () => Date.now() + DAY_MS + 60_000, sleep: async () => undefined };
    await volumes.ensureVolume('files');
    expect([(await uploads()).length, (await keys('incoming/')).length, (await keys('digests/')).length]).toEqual([
      1, 1, 2,
    ]);
    const later = createS3Volumes({ ...settings, mission: 'missionx', clock: tomorrow });
    await later.ensureVolume('files');
    expect([(await uploads()).length, (await keys('incoming/')).length, (await keys('digests/')).length]).toEqual([
      0, 0, 1,
    ]);
    expect(await later.list('files')).toEqual([kept]);
    endless.destroy(new Error('gone'));
    await expect(upload).rejects.toThrow();
    await Promise.all([dead.close(), later.close()]);
  });

  it('lists many files with two requests for each thousand, once their digests are noted', async () => {
    const names = Array.from({ length: 1050 }, (_, index) => `f${index}`);
    for (let at = 0; at < names.length; at += 50)
      await Promise.all(
        names.slice(at, at + 50).map((name) => {
          const content = Buffer.from(name);
          return bucket.put(`missionx.files/files/${name}`, content, { sha256: sha256(content) });
        }),
      );
    // Asks for each, and notes what it learns.
    await volumes.list('files');
    let requests = 0;
    bucket.client.middlewareStack.add((next) => (args) => {
      requests += 1;
      return next(args);
    });
    const listed: VolumeFile[] = [];
    for await (const page of new VolumeDigests(bucket, 'missionx.files').list('', null)) listed.push(...page);
    expect(requests).toBe(4);
    expect(listed.map(({ path }) => path)).toEqual(names.toSorted());
    for (const file of listed) expect(file.sha256).toBe(sha256(Buffer.from(file.path)));
  });

  it('takes objects that another program put there, and notices what it damaged', async () => {
    const content = randomBytes(1000);
    const put = (path: string, body: Buffer, digest?: string) =>
      bucket.client.send(
        new PutObjectCommand({
          Bucket: settings.bucket,
          Key: `missionx.files/files/${path}`,
          Body: body,
          Metadata: digest ? { sha256: digest } : undefined,
        }),
      );
    await put('foreign', content);
    expect(await volumes.list('files')).toMatchObject([{ path: 'foreign', bytes: 1000, sha256: sha256(content) }]);
    expect(await keys('digests/')).toHaveLength(1);
    await put('damaged', content, sha256(Buffer.from('what it was')));
    await expect(bytesOf(await volumes.get('files', 'damaged'))).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  });

  it('says in words what is wrong', async () => {
    const open = (changes: Partial<S3Settings>) => createS3Volumes({ ...settings, ...changes, mission: 'missionx' });
    const { credentials } = settings;
    for (const wrong of [{ secretAccessKey: 'wrong' }, { accessKeyId: 'nobody' }]) {
      const refused = open({ credentials: { ...credentials, ...wrong } });
      await expect(refused.list('files')).rejects.toMatchObject({ code: 'AUTH_FAILED' });
      await expect(refused.list('files')).rejects.toThrow(/does not accept the access key/);
      await refused.close();
    }
    const noBucket = open({ bucket: 'no-such-bucket' });
    await expect(noBucket.ensureVolume('files')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(noBucket.ensureVolume('files')).rejects.toThrow(/no bucket "no-such-bucket"/);
    await expect(noBucket.put('files', 'f', Buffer.from('x'))).rejects.toThrow(/no bucket "no-such-bucket"/);
    await noBucket.close();
    const refused = open({ endpoint: 'http://127.0.0.1:1' });
    await expect(refused.stat('files', 'f')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      details: { reason: 'refused' },
    });
    await refused.close();
    const unresolved = open({ endpoint: 'http://no-such-host.invalid:9000' });
    await expect(unresolved.stat('files', 'f')).rejects.toMatchObject({ details: { reason: 'unresolved' } });
    await unresolved.close();
    expect(() => open({ endpoint: 'minio:9000' })).toThrow(/not the address of an S3 server/);
    await expect(volumes.list('never-made')).rejects.toThrow(/no volume "missionx.never-made"/);
    await expect(volumes.put('never-made', 'f', Buffer.from('x'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('fails in words when the server goes away in the middle, and goes on when it is back', async () => {
    const content = randomBytes(PART_BYTES);
    await volumes.put('files', 'f', content);
    const reading = await volumes.get('files', 'f');
    await server.kill('SIGKILL');
    await expect(bytesOf(reading)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(volumes.put('files', 'g', Buffer.from('x'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await server.start();
    expect(await volumes.put('files', 'g', Buffer.from('x'))).toMatchObject({ bytes: 1 });
    expect(sha256(await bytesOf(await volumes.get('files', 'f')))).toBe(sha256(content));
  });
});

describe.skipIf(noS3Because)('S3 with buckets as hosts', () => {
  const DOMAIN = 'objects.example';
  let server: S3Server;
  let asked: string[] = [];
  beforeAll(async () => {
    server = await startS3({ virtualDomain: DOMAIN });
    const { lookup } = dns;
    // Names below the server's domain lead to this machine, as its DNS would have it.
    const there = (name: string, ...rest: unknown[]) => {
      if (!name.endsWith(DOMAIN)) return Reflect.apply(lookup, dns, [name, ...rest]);
      asked.push(name);
      return Reflect.apply(lookup, dns, ['127.0.0.1', ...rest]);
    };
    vi.spyOn(dns, 'lookup').mockImplementation(there as typeof lookup);
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await server.stop();
  });
  beforeEach(() => {
    asked = [];
  });
  afterEach(() => {
    expect(asked.every((name) => /^test-.+\.objects\.example$/.test(name))).toBe(true);
    expect(asked).not.toEqual([]);
  });

  volumesConformance(
    'S3 with buckets as hosts',
    async () => {
      const { settings, bucket } = await makeBucket(server);
      const volumes = createS3Volumes({
        ...settings,
        endpoint: `http://${DOMAIN}:${server.port}`,
        pathStyle: false,
        mission: 'missionx',
      });
      return {
        volumes,
        source: null,
        dispose: async () => {
          await volumes.close();
          bucket.close();
        },
      };
    },
    { mirrors: false },
  );
});
