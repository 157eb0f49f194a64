import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { crc32, deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AssetFileSchema, TINY_PREVIEW_BYTES_MAX } from '@/lib/domain/asset';
import { makePreviews, STREAM_BYTES_MAX } from './previews';
import { sharp } from './sharp';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'previews-'));
});
afterAll(() => rm(folder, { recursive: true }));

const noise = (width: number, height: number) =>
  sharp({
    create: { width, height, channels: 3, background: 'black', noise: { type: 'gaussian', mean: 128, sigma: 80 } },
  });
const tinyBytes = (tiny: string) => Buffer.from(tiny.replace('data:image/webp;base64,', ''), 'base64');

describe('previews', () => {
  it.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)('are made of a %s', async (format) => {
    const image = await noise(900, 300).toFormat(format).toBuffer();
    const made = await makePreviews(image, `image/${format}`);
    expect(made).toMatchObject({ width: 900, height: 300 });
    expect(await sharp(made!.preview).metadata()).toMatchObject({ format: 'webp', width: 640, height: 213 });
  });

  it('have a tiny form that fits the broadcast, even of pure noise', async () => {
    const made = await makePreviews(await noise(800, 800).png().toBuffer(), 'image/png');
    const bytes = tinyBytes(made!.tiny);
    expect(bytes.length).toBeLessThanOrEqual(TINY_PREVIEW_BYTES_MAX);
    expect((await sharp(bytes).metadata()).format).toBe('webp');
    expect(AssetFileSchema.shape.tinyPreview.safeParse(made!.tiny).success).toBe(true);
  });

  it('are no larger than a small original', async () => {
    const made = await makePreviews(await noise(20, 10).png().toBuffer(), 'image/png');
    expect(await sharp(made!.preview).metadata()).toMatchObject({ width: 20, height: 10 });
    expect(await sharp(tinyBytes(made!.tiny)).metadata()).toMatchObject({ width: 20, height: 10 });
  });

  it('turn a picture as its camera was held', async () => {
    const turned = await noise(400, 200).jpeg().withMetadata({ orientation: 6 }).toBuffer();
    const made = await makePreviews(turned, 'image/jpeg');
    expect(made).toMatchObject({ width: 200, height: 400 });
    expect(await sharp(made!.preview).metadata()).toMatchObject({ width: 200, height: 400 });
  });

  it('come from a file and from a stream alike', async () => {
    const image = await noise(300, 200).png().toBuffer();
    const file = path.join(folder, 'a.png');
    await writeFile(file, image);
    const [fromFile, fromStream] = [
      await makePreviews(file, 'image/png'),
      await makePreviews(Readable.from([image.subarray(0, 100), image.subarray(100)]), 'image/png'),
    ];
    expect(fromFile?.preview).toEqual(fromStream?.preview);
  });
});

describe('no preview', () => {
  it.each(['video/mp4', 'application/pdf', 'image/svg+xml'])('of %s; its stream is let go of', async (type) => {
    const stream = Readable.from([Buffer.from('x')]);
    expect(await makePreviews(stream, type)).toBeNull();
    expect(stream.destroyed).toBe(true);
  });

  it('of what is broken or cut off', async () => {
    expect(await makePreviews(Buffer.from('not an image'), 'image/png')).toBeNull();
    const png = await noise(400, 400).png().toBuffer();
    expect(await makePreviews(png.subarray(0, 200), 'image/png')).toBeNull();
  });

  it('of a few bytes that claim gigapixels', async () => {
    const bomb = claimingPng(60_000, 60_000);
    expect(bomb.length).toBeLessThan(1000);
    expect(await makePreviews(bomb, 'image/png')).toBeNull();
  });

  it('of a stream too large for memory, which is let go of', async () => {
    const chunk = Buffer.alloc(8 * 1024 * 1024);
    const stream = Readable.from(Array.from({ length: STREAM_BYTES_MAX / chunk.length + 2 }, () => chunk));
    expect(await makePreviews(stream, 'image/tiff')).toBeNull();
    expect(stream.destroyed).toBe(true);
  });

  it('but an error, where the source can not be read', async () => {
    await expect(makePreviews(path.join(folder, 'missing.png'), 'image/png')).rejects.toMatchObject({ code: 'ENOENT' });
    const failing = new Readable({ read: (): void => void failing.destroy(new Error('cut')) });
    await expect(makePreviews(failing, 'image/png')).rejects.toThrow('cut');
  });
});

/** A PNG whose header claims a size that its data does not have. */
function claimingPng(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(64))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
