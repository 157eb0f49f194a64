import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { VOLUMES } from '@/lib/domain/naming';
import { previewPath } from '../rows';
import { createMemoryMission, type MemoryMission } from '../testing/memory-mission';
import { type Content, openContent, openPreview } from './content';

let mission: MemoryMission;
beforeEach(async () => {
  mission = await createMemoryMission();
});
afterEach(() => mission.stop());

const PLAIN = { range: null, ifRange: null, ifNoneMatch: null };
const open = (site: string, id: string, wish = {}) => openContent(mission.runtime, site, id, { ...PLAIN, ...wish });
const preview = (site: string, id: string, wish = {}) => openPreview(mission.runtime, site, id, { ...PLAIN, ...wish });
async function text(content: Content): Promise<string | null> {
  if (!content.part) return null;
  const chunks: Buffer[] = [];
  for await (const chunk of content.part.stream as Readable) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

/** Stages the file at HQ and runs the mirror, as the services would. */
async function deliver(id: string): Promise<void> {
  await mission.addHqAsset(id);
  await mission.hq.ports.volumes.copy(
    { volume: VOLUMES.assets, path: `${id}/${id}.jpg` },
    { volume: VOLUMES.outbound('alpha'), path: `${id}/${id}.jpg` },
  );
  await mission.alpha.ports.volumes.startMirror(VOLUMES.inbound);
  await expect.poll(async () => (await mission.alpha.ports.volumes.mirrorStatus(VOLUMES.inbound)).state).toBe('idle');
}

describe('openContent', () => {
  test('gives the whole file, a range, or nothing new', async () => {
    await mission.addHqAsset('a', {}, Buffer.from('0123456789'));
    const whole = await open('hq', 'a');
    expect(whole).toMatchObject({ mediaType: 'image/jpeg', fileName: 'a.jpg', bytes: 10 });
    expect(whole.etag).toBe(`"${createHash('sha256').update('0123456789').digest('hex')}"`);
    expect(await text(whole)).toBe('0123456789');
    const part = await open('hq', 'a', { range: 'bytes=2-4' });
    expect(part.part).toMatchObject({ start: 2, end: 4, whole: false });
    expect(await text(part)).toBe('234');
    expect((await open('hq', 'a', { ifNoneMatch: `W/"x", ${whole.etag}` })).part).toBeNull();
    expect((await open('hq', 'a', { ifNoneMatch: '*' })).part).toBeNull();
    expect(await text(await open('hq', 'a', { ifNoneMatch: '"x"' }))).toBe('0123456789');
  });

  test('a range of a version that is gone gives the whole new one', async () => {
    await mission.addHqAsset('a', {}, Buffer.from('0123456789'));
    const { etag } = await open('hq', 'a', { ifNoneMatch: '*' });
    expect(await text(await open('hq', 'a', { range: 'bytes=2-4', ifRange: '"old"' }))).toBe('0123456789');
    expect(await text(await open('hq', 'a', { range: 'bytes=2-4', ifRange: etag }))).toBe('234');
  });

  test('at an edge it is there once delivered, and not before', async () => {
    await deliver('a');
    await mission.addEdgeAsset('a', { status: 'ready' });
    await expect(open('alpha', 'a')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await mission.addEdgeAsset('a', { status: 'delivered' });
    expect(await text(await open('alpha', 'a'))).toBe('content of a');
  });

  test('a file that is not the one of the row is not served', async () => {
    const row = await mission.addHqAsset('a');
    await mission.hq.ports.volumes.put(VOLUMES.assets, `a/${row.file?.fileName}`, Buffer.from('something else'));
    await expect(open('hq', 'a')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test.each([
    ['not downloaded', { file: null, status: 'failed' as const }],
    ['gone from the volume', {}],
  ])('an asset that is %s is NOT_FOUND', async (_name, change) => {
    await mission.addHqAsset('a', change);
    await mission.hq.ports.volumes.remove(VOLUMES.assets, 'a/a.jpg');
    await expect(open('hq', 'a')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('an unknown asset is NOT_FOUND', async () => {
    await expect(open('hq', 'nothing')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('openPreview', () => {
  test('gives the large one where it is, else the tiny one, with an entity tag each', async () => {
    await mission.addHqAsset('a');
    const tiny = await preview('hq', 'a');
    expect(tiny.mediaType).toBe('image/webp');
    expect(await text(tiny)).toBe('tiny a');
    expect((await preview('hq', 'a', { ifNoneMatch: tiny.etag })).part).toBeNull();
    await mission.hq.ports.volumes.put(VOLUMES.assets, previewPath('a'), Buffer.from('large'));
    await mission.addHqAsset('a', { hasPreview: true });
    const large = await preview('hq', 'a');
    expect(large.etag).not.toBe(tiny.etag);
    expect(await text(large)).toBe('large');
    expect((await preview('hq', 'a', { ifNoneMatch: large.etag })).part).toBeNull();
  });

  test('a large one that is lost gives the tiny one', async () => {
    await mission.addHqAsset('a', { hasPreview: true });
    expect(await text(await preview('hq', 'a'))).toBe('tiny a');
  });

  test('an asset without any is NOT_FOUND', async () => {
    await mission.addHqAsset('a', { file: null });
    await expect(preview('hq', 'a')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
