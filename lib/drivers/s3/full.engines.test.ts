/** A bucket without room: the disk under a real S3 server is full. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Volumes } from '@/lib/ports/volumes';
import { makeBucket, noS3Because, type S3Server, startS3 } from '@/lib/s3/testing/s3-server';
import { createS3Volumes } from '.';
import { PART_BYTES } from './multipart';

const DISK_MIB = 64;
const MIB = 1024 * 1024;

describe.skipIf(noS3Because)('S3 on a full disk', () => {
  const disk = mkdtempSync(path.join(tmpdir(), 'fieldline-full-bucket-'));
  const filler = path.join(disk, 'filler');
  let canMount = false;
  let server: S3Server | undefined;
  let volumes: Volumes | undefined;

  beforeAll(async () => {
    const mount = ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m`, 'tmpfs', disk];
    canMount = process.platform === 'linux' && spawnSync('mount', mount).status === 0;
    if (!canMount) return;
    server = await startS3({ parent: disk });
    const { settings, bucket } = await makeBucket(server);
    bucket.close();
    volumes = createS3Volumes({ ...settings, mission: 'm' });
    await volumes.ensureVolume('files');
  });
  afterAll(async () => {
    await volumes?.close();
    await server?.stop();
    if (canMount) spawnSync('umount', [disk]);
    rmSync(disk, { recursive: true, force: true });
  });

  /** All but so many bytes. */
  function fill(left: number): void {
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(filler, Buffer.alloc(Number(bavail) * Number(bsize) - left));
  }

  it('refuses what has no room, in words, keeps what is there, and goes on when there is room', async ({ skip }) => {
    if (!volumes) return skip('only root can mount a disk that can be filled');
    const kept = await volumes.put('files', 'kept', randomBytes(MIB));
    fill(2 * MIB);
    const refused = { code: 'DISK_FULL', retriable: true, message: expect.stringContaining('no room left') };
    const large = Buffer.alloc(2 * PART_BYTES + 1, 7);
    await expect(volumes.put('files', 'small', randomBytes(4 * MIB))).rejects.toMatchObject(refused);
    await expect(volumes.put('files', 'large', Readable.from([large]))).rejects.toMatchObject(refused);
    expect(await volumes.list('files')).toEqual([kept]);
    rmSync(filler);
    await volumes.put('files', 'large', Readable.from([large]));
    expect((await volumes.list('files')).map((file) => file.path)).toEqual(['kept', 'large']);
  });
});
