/**
 * Volumes on S3: the driver against the raw AWS SDK, on the same server (versitygw, started here on a temporary directory), in turns.
 *
 *   node bench/volumes.mjs [--large 256] [--small 300]      MiB of the large file, number of small ones
 *
 * The SDK puts and gets the same bytes without a digest of the whole, without a name that appears at once, and without a listing's digests.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { cpus, loadavg } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { build } from 'esbuild';
import { startS3 } from '../scripts/engines/s3.mjs';

const MIB = 1024 * 1024;
const PART_BYTES = 8 * MIB;
const SMALL_BYTES = 64 * 1024;
const SMALL_AT_ONCE = 8;
const ROUNDS = 3;

const { values } = parseArgs({ options: { large: { type: 'string' }, small: { type: 'string' } } });
const largeBytes = Number(values.large ?? 256) * MIB;
const smallCount = Number(values.small ?? 300);

const root = path.resolve(import.meta.dirname, '..');
// Below the repository, so that the packages are found.
const outfile = path.join(root, '.cache/bench/volumes.mjs');
await build({
  absWorkingDir: root,
  entryPoints: ['lib/drivers/s3/index.ts'],
  alias: { '@': root },
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
});
const { createS3Volumes } = await import(outfile);
const server = await startS3();
const { endpoint, region, accessKeyId, secretAccessKey } = server;
const settings = { endpoint, region, bucket: `bench-${randomUUID()}`, pathStyle: true };
const credentials = { accessKeyId, secretAccessKey };
const sdk = new S3Client({
  endpoint,
  region,
  credentials,
  forcePathStyle: true,
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
});
const inBucket = { Bucket: settings.bucket };
const piece = randomBytes(MIB);

/** What a download brings: pieces of 64 KiB, never the whole. */
const largeContent = () =>
  Readable.from(
    (function* () {
      for (let sent = 0; sent < largeBytes; sent += SMALL_BYTES)
        yield piece.subarray(sent % MIB, (sent % MIB) + SMALL_BYTES);
    })(),
    { objectMode: false },
  );

async function drain(stream) {
  let bytes = 0;
  for await (const chunk of stream) bytes += chunk.length;
  return bytes;
}

async function timed(work) {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

async function several(count, work) {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: SMALL_AT_ONCE }, worker));
}

/** As a program that only wants the bytes there would do it: parts of the same size, two at once. */
async function sdkPutLarge() {
  const target = { ...inBucket, Key: 'large' };
  const { UploadId } = await sdk.send(new CreateMultipartUploadCommand(target));
  const sent = [];
  const add = async (Body) => {
    const PartNumber = sent.length + 1;
    sent.push(
      sdk
        .send(new UploadPartCommand({ ...target, UploadId, PartNumber, Body }))
        .then(({ ETag }) => ({ ETag, PartNumber })),
    );
    await sent.at(-2);
  };
  let waiting = [];
  let bytes = 0;
  for await (const chunk of largeContent()) {
    waiting.push(chunk);
    bytes += chunk.length;
    if (bytes < PART_BYTES) continue;
    await add(Buffer.concat(waiting));
    waiting = [];
    bytes = 0;
  }
  if (bytes > 0) await add(Buffer.concat(waiting));
  await sdk.send(
    new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts: await Promise.all(sent) } }),
  );
}

const volumes = createS3Volumes({ ...settings, credentials, mission: 'bench' });
const small = piece.subarray(0, SMALL_BYTES);
const steps = [
  {
    name: 'put one large file',
    bytes: largeBytes,
    driver: () => volumes.put('v', 'large', largeContent()),
    raw: sdkPutLarge,
  },
  {
    name: 'get it',
    bytes: largeBytes,
    driver: async () => drain((await volumes.get('v', 'large')).stream),
    raw: async () => drain((await sdk.send(new GetObjectCommand({ ...inBucket, Key: 'large' }))).Body),
  },
  {
    name: `put ${smallCount} files of 64 KiB, ${SMALL_AT_ONCE} at once`,
    bytes: smallCount * SMALL_BYTES,
    driver: () => several(smallCount, (index) => volumes.put('v', `small/${index}`, small)),
    raw: () =>
      several(smallCount, (index) =>
        sdk.send(new PutObjectCommand({ ...inBucket, Key: `small/${index}`, Body: small })),
      ),
  },
  {
    name: 'get them',
    bytes: smallCount * SMALL_BYTES,
    driver: () => several(smallCount, async (index) => drain((await volumes.get('v', `small/${index}`)).stream)),
    raw: () =>
      several(smallCount, async (index) =>
        drain((await sdk.send(new GetObjectCommand({ ...inBucket, Key: `small/${index}` }))).Body),
      ),
  },
  {
    name: 'list them (the driver: with digests)',
    bytes: 0,
    driver: () => volumes.list('v', 'small/'),
    raw: () => sdk.send(new ListObjectsV2Command({ ...inBucket, Prefix: 'small/' })),
  },
];

const best = (all) => Math.min(...all);
const figure = (bytes, seconds) =>
  bytes > 0 ? `${(bytes / MIB / seconds).toFixed(1)} MiB/s` : `${(seconds * 1000).toFixed(0)} ms`;

try {
  await sdk.send(new CreateBucketCommand(inBucket));
  await volumes.ensureVolume('v');
  console.log(
    `${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}, load ${loadavg()[0].toFixed(1)}; best of ${ROUNDS}`,
  );
  for (const { name, bytes, driver, raw } of steps) {
    const seconds = { driver: [], raw: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      seconds.driver.push(await timed(driver));
      seconds.raw.push(await timed(raw));
    }
    console.log(`${name}: driver ${figure(bytes, best(seconds.driver))}, SDK ${figure(bytes, best(seconds.raw))}`);
  }
  const hashing = await timed(async () => {
    const hash = createHash('sha256');
    for (let done = 0; done < largeBytes; done += MIB) hash.update(piece);
  });
  console.log(`SHA-256 alone: ${figure(largeBytes, hashing)}`);
} finally {
  await volumes.close();
  sdk.destroy();
  await server.stop();
}
