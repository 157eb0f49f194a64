import { gunzipSync, gzipSync } from 'node:zlib';
import kafkajs from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { installQuickGzip } from './gzip';

installQuickGzip();
const codec = kafkajs.CompressionCodecs[kafkajs.CompressionTypes.GZIP]!() as {
  compress(encoder: { buffer: Buffer }): Promise<Buffer>;
  decompress(buffer: Buffer): Promise<Buffer>;
};
const batch = Buffer.from(Array.from({ length: 20_000 }, (_, n) => `record ${n * 7919}`).join());

describe('the gzip of a batch', () => {
  it('is one that everybody unpacks', async () => {
    const packed = await codec.compress({ buffer: batch });
    expect(packed.length).toBeLessThan(batch.length / 2);
    expect(gunzipSync(packed).equals(batch)).toBe(true);
  });

  it('unpacks what others packed, also when it is larger than a piece', async () => {
    expect(batch.length).toBeGreaterThan(128 * 1024);
    expect((await codec.decompress(gzipSync(batch, { level: 9 }))).equals(batch)).toBe(true);
  });

  it('refuses what is no gzip', async () => {
    await expect(codec.decompress(Buffer.from('no gzip'))).rejects.toThrow(/header/);
  });
});
