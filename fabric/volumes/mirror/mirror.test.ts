import { readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RetryLimits } from '@/lib/mirror/outage';
import {
  bytes,
  contentsOf,
  directDialer,
  putText,
  readText,
  startCuttingProxy,
  startSite,
  temporaryDirectory,
  upstreamAt,
} from '../testing';
import type { Volume } from '../volume';

/** A cut is retried at once, so that a test with hundreds of cuts is quick. */
const LIMITS: RetryLimits = { backoffMsMin: 1, backoffMsMax: 5, giveUpMs: 60_000 };

let root: Awaited<ReturnType<typeof temporaryDirectory>>;
let hq: Awaited<ReturnType<typeof startSite>>;
let edge: Awaited<ReturnType<typeof startSite>>;
let proxy: Awaited<ReturnType<typeof startCuttingProxy>>;
let cutAfter: () => number | null;
let limits: RetryLimits;

const openEdge = () =>
  startSite({
    directory: path.join(root.directory, 'edge'),
    siteId: 'alpha',
    dialer: directDialer(),
    upstream: upstreamAt('hq', () => proxy.port),
    retryLimits: limits,
  });

beforeEach(async () => {
  cutAfter = () => null;
  limits = LIMITS;
  root = await temporaryDirectory();
  hq = await startSite({ directory: path.join(root.directory, 'hq'), siteId: 'hq' });
  proxy = await startCuttingProxy(hq.port, () => cutAfter());
  edge = await openEdge();
});
afterEach(async () => {
  await edge.close();
  await proxy.close();
  await hq.close();
  await root.remove();
});

const source = { volume: 'outbound', cluster: 'hq' };
const makeOutbound = () => hq.volumes.create({ name: 'outbound', path: '/missionx/outbound' });
const makeInbound = () => edge.volumes.create({ name: 'inbound', type: 'mirror', source });
const mirrorOf = (volume: Volume) => volume.mirror!;
const putBytes = (volume: Volume, file: string, content: Buffer) => volume.put(file, Readable.from([content]));
const partialsOf = () => readdir(path.join(root.directory, 'edge', 'inbound', 'mirror', 'partials'));

/** Resolves when no run is under way, with what the mirror then says. */
async function ended(volume: Volume) {
  await vi.waitFor(() => expect(mirrorOf(volume).isRunning).toBe(false), { timeout: 50_000, interval: 5 });
  return mirrorOf(volume).status();
}
async function run(volume: Volume) {
  await mirrorOf(volume).start();
  return ended(volume);
}

describe('a mirror', () => {
  it('brings what is new or changed, follows deletions, and nothing travels twice', async () => {
    const outbound = await makeOutbound();
    const inbound = await makeInbound();
    await putBytes(outbound, 'a/large.bin', bytes(300_000));
    await putText(outbound, 'b/one', 'one');
    await putText(outbound, 'b/copy of one', 'one');
    await putText(outbound, 'empty', '');
    expect(await run(inbound)).toMatchObject({ state: 'idle', lastError: null, filesTotal: 0, bytesTotal: 0 });
    expect(await contentsOf(edge.volumes, 'inbound')).toEqual(await contentsOf(hq.volumes, 'outbound'));

    const before = proxy.bytesIn;
    await outbound.remove('b/one');
    await putText(outbound, 'b/two', 'two');
    await outbound.copy(outbound, 'a/large.bin', 'moved/large.bin');
    await outbound.remove('a/large.bin');
    expect(await run(inbound)).toMatchObject({ state: 'idle', lastError: null });
    expect(await contentsOf(edge.volumes, 'inbound')).toEqual(await contentsOf(hq.volumes, 'outbound'));
    expect(proxy.bytesIn - before).toBeLessThan(10_000);
    // The directory that became empty is gone too.
    expect(await readdir(path.join(root.directory, 'edge', 'inbound', 'files'))).toEqual(['b', 'empty', 'moved']);
    expect(await partialsOf()).toEqual([]);
  });

  it('keeps what a source that was restored from a copy may have lost, and follows what is deleted there afterwards', async () => {
    const outbound = await makeOutbound();
    const inbound = await makeInbound();
    await putText(outbound, 'of the copy', 'one');
    await putText(outbound, 'of afterwards', 'two');
    expect(await run(inbound)).toMatchObject({ lastError: null });
    await outbound.remove('of afterwards');
    await hq.close();
    hq = await startSite({ directory: path.join(root.directory, 'hq'), siteId: 'hq', restoredAt: Date.now() });
    proxy.port = hq.port;
    await new Promise((resolve) => setTimeout(resolve, 2));
    const restored = hq.volumes.get('outbound')!;
    await putText(restored, 'new', 'three');
    await putText(restored, 'withdrawn', 'four');
    expect(await run(inbound)).toMatchObject({ lastError: null });
    expect(await readText(inbound, 'of afterwards')).toBe('two');
    await restored.remove('withdrawn');
    expect(await run(inbound)).toMatchObject({ lastError: null });
    expect(Object.keys(await contentsOf(edge.volumes, 'inbound'))).toEqual(['new', 'of afterwards', 'of the copy']);
  });

  it('finds both contents of two files that swapped their names, without bringing them', async () => {
    const outbound = await makeOutbound();
    const inbound = await makeInbound();
    const [a, b] = [bytes(50_000), bytes(60_000)];
    await putBytes(outbound, 'a', a);
    await putBytes(outbound, 'b', b);
    await run(inbound);
    const before = proxy.bytesIn;
    await putBytes(outbound, 'a', b);
    await putBytes(outbound, 'b', a);
    await run(inbound);
    expect(await contentsOf(edge.volumes, 'inbound')).toEqual(await contentsOf(hq.volumes, 'outbound'));
    expect(proxy.bytesIn - before).toBeLessThan(10_000);
  });

  it('follows a directory that became a file, and a file that became a directory', async () => {
    const outbound = await makeOutbound();
    const inbound = await makeInbound();
    await putText(outbound, 'x/below', '1');
    await putText(outbound, 'y', '2');
    await run(inbound);
    await outbound.remove('x/below');
    await outbound.removeDirectory('x');
    await putText(outbound, 'x', '3');
    await outbound.remove('y');
    await putText(outbound, 'y/below', '4');
    expect(await run(inbound)).toMatchObject({ state: 'idle', lastError: null });
    expect(await contentsOf(edge.volumes, 'inbound')).toEqual(await contentsOf(hq.volumes, 'outbound'));
  });

  it('survives a connection that is cut at random bytes, bringing every byte about once', async () => {
    const outbound = await makeOutbound();
    const inbound = await makeInbound();
    let total = 0;
    for (let index = 0; index < 40; index += 1) {
      const size = index % 10 === 0 ? 400_000 : Math.floor(Math.random() * 20_000);
      total += size;
      await putBytes(outbound, `dir${index % 3}/file ${index}`, bytes(size));
    }
    cutAfter = () => 2_000 + Math.floor(Math.random() * 60_000);
    expect(await run(inbound)).toMatchObject({ state: 'idle', lastError: null });
    expect(await contentsOf(edge.volumes, 'inbound')).toEqual(await contentsOf(hq.volumes, 'outbound'));
    expect(proxy.cuts).toBeGreaterThan(5);
    // Without resuming, the large files could never arrive at all; with it little is brought twice.
    expect(proxy.bytesIn).toBeLessThan(total * 3);
  });

  it('goes on with the next run, and after a restart, where the last one was stopped', async () => {
    const outbound = await makeOutbound();
    let inbound = await makeInbound();
    await putBytes(outbound, 'large', bytes(3_000_000));
    // The link gives one megabyte, then nothing more.
    let given = 0;
    cutAfter = () => (given++ < 3 ? 400_000 : 300);
    await mirrorOf(inbound).start();
    await vi.waitFor(async () => expect((await mirrorOf(inbound).status()).bytesDone).toBeGreaterThan(300_000), {
      timeout: 20_000,
      interval: 5,
    });
    await mirrorOf(inbound).stop();
    const stopped = await mirrorOf(inbound).status();
    expect(stopped).toMatchObject({ state: 'idle', filesTotal: 1, bytesTotal: 3_000_000, lastError: null });
    expect(await readText(inbound, 'large')).toBeNull();

    await edge.close();
    edge = await openEdge();
    inbound = edge.volumes.require('inbound');
    expect(mirrorOf(inbound).isRunning).toBe(false);
    cutAfter = () => null;
    const before = proxy.bytesIn;
    expect(await run(inbound)).toMatchObject({ state: 'idle', lastError: null });
    expect(proxy.bytesIn - before).toBeLessThan(3_000_000 - stopped.bytesDone + 20_000);
    expect(await contentsOf(edge.volumes, 'inbound')).toEqual(await contentsOf(hq.volumes, 'outbound'));
  });

  it('is resumed by the next start of the fabric when the end of the process interrupted it', async () => {
    const outbound = await makeOutbound();
    await makeInbound();
    await putBytes(outbound, 'large', bytes(500_000));
    cutAfter = () => 20_000;
    proxy.isDown = true;
    await mirrorOf(edge.volumes.require('inbound')).start();
    await edge.close();
    proxy.isDown = false;
    cutAfter = () => null;
    edge = await openEdge();
    expect(await ended(edge.volumes.require('inbound'))).toMatchObject({ state: 'idle', lastError: null });
    expect(await contentsOf(edge.volumes, 'inbound')).toEqual(await contentsOf(hq.volumes, 'outbound'));
  });

  it('begins a file anew when it changed at the source, and never shows a mixture', async () => {
    const outbound = await makeOutbound();
    const inbound = await makeInbound();
    await putBytes(outbound, 'f', bytes(400_000));
    await run(inbound);
    const old = await contentsOf(edge.volumes, 'inbound');
    await putBytes(outbound, 'f', bytes(900_000));
    let given = 0;
    cutAfter = () => (given++ < 4 ? 100_000 : 0);
    proxy.cutNow();
    await mirrorOf(inbound).start();
    await vi.waitFor(async () => expect((await mirrorOf(inbound).status()).bytesDone).toBeGreaterThan(50_000), {
      timeout: 20_000,
      interval: 5,
    });
    expect(await contentsOf(edge.volumes, 'inbound')).toEqual(old);
    await putBytes(outbound, 'f', bytes(700_000));
    cutAfter = () => null;
    expect(await ended(inbound)).toMatchObject({ state: 'idle', lastError: null });
    expect(await contentsOf(edge.volumes, 'inbound')).toEqual(await contentsOf(hq.volumes, 'outbound'));
    expect(await partialsOf()).toEqual([]);
  });

  it('does not make visible what arrives damaged, and brings it again', async () => {
    const outbound = await makeOutbound();
    const inbound = await makeInbound();
    await putBytes(outbound, 'f', bytes(100_000));
    const wanted = (await outbound.stat('f'))!.sha256;
    const partials = path.join(root.directory, 'edge', 'inbound', 'mirror', 'partials');
    await writeFile(path.join(partials, `${wanted}.part`), Buffer.alloc(60_000, 1));
    expect(await run(inbound)).toMatchObject({ state: 'idle', lastError: null });
    expect(await contentsOf(edge.volumes, 'inbound')).toEqual({ f: wanted });
    expect((await stat(path.join(root.directory, 'edge', 'inbound', 'files', 'f'))).size).toBe(100_000);
  });

  it('does not take a source volume that is not there for an empty one', async () => {
    const outbound = await makeOutbound();
    const inbound = await makeInbound();
    await putText(outbound, 'keep', 'me');
    await run(inbound);
    await hq.volumes.remove('outbound');
    const status = await run(inbound);
    expect(status.state).toBe('failed');
    expect(status.lastError).toContain('has no volume "outbound"');
    expect(await readText(inbound, 'keep')).toBe('me');
    await mirrorOf(inbound).status({ refresh: true });
    expect(mirrorOf(inbound).refreshError).toContain('nothing was staged there yet');
    // An empty source is another thing: what it deleted is deleted here.
    await makeOutbound();
    expect(await run(inbound)).toMatchObject({ state: 'idle', lastError: null });
    expect(await contentsOf(edge.volumes, 'inbound')).toEqual({});
  });

  it('gives up after a bounded time without a byte, says why, and keeps what is there', async () => {
    await edge.close();
    limits = { backoffMsMin: 1, backoffMsMax: 2, giveUpMs: 20 };
    edge = await openEdge();
    const outbound = await makeOutbound();
    const inbound = await makeInbound();
    await putText(outbound, 'old', 'old');
    await run(inbound);
    await outbound.remove('old');
    await putBytes(outbound, 'new', bytes(500_000));
    let given = 0;
    cutAfter = () => (given++ < 3 ? 150_000 : 0);
    proxy.cutNow();
    const status = await run(inbound);
    expect(status.state).toBe('failed');
    expect(status.lastError).toMatch(/Gave up .* without a byte/);
    expect(status).toMatchObject({ filesTotal: 1, bytesTotal: 500_000, pending: [{ path: 'new' }] });
    expect(status.bytesDone).toBeGreaterThan(0);
    // Deletions come last, after success only.
    expect(await readText(inbound, 'old')).toBe('old');
    cutAfter = () => null;
    expect(await run(inbound)).toMatchObject({ state: 'idle', lastError: null });
    expect(await contentsOf(edge.volumes, 'inbound')).toEqual(await contentsOf(hq.volumes, 'outbound'));
  });

  it('refuses a second start, writes from others, and another kind while it runs', async () => {
    const outbound = await makeOutbound();
    const inbound = await makeInbound();
    await putText(outbound, 'f', 'x');
    proxy.isDown = true;
    await mirrorOf(inbound).start();
    await vi.waitFor(async () => expect((await mirrorOf(inbound).status()).lastError).toMatch(/closed the connection/));
    expect(await mirrorOf(inbound).status()).toMatchObject({ state: 'running', bytesPerSecond: 0 });
    await expect(mirrorOf(inbound).start()).rejects.toMatchObject({ code: 'MIRROR_RUNNING' });
    await expect(edge.volumes.modify('inbound', { type: 'rw' })).rejects.toMatchObject({ code: 'MIRROR_RUNNING' });
    await expect(putText(inbound, 'f', 'x')).rejects.toMatchObject({ code: 'VOLUME_READ_ONLY' });
    await expect(inbound.remove('f')).rejects.toMatchObject({ code: 'VOLUME_READ_ONLY' });
    await expect(inbound.copy(outbound, 'f', 'g')).rejects.toMatchObject({ code: 'VOLUME_READ_ONLY' });
    await mirrorOf(inbound).stop();
    await mirrorOf(inbound).stop();
    expect(await mirrorOf(inbound).status()).toMatchObject({ state: 'idle', lastError: null });
    // Promoted it takes writes; demoted again it goes back to what its source holds.
    await edge.volumes.modify('inbound', { type: 'rw' });
    await putText(inbound, 'own', 'own');
    await edge.volumes.modify('inbound', { type: 'mirror' });
    proxy.isDown = false;
    await run(inbound);
    expect(await contentsOf(edge.volumes, 'inbound')).toEqual(await contentsOf(hq.volumes, 'outbound'));
  });

  it('tells what waits without bringing it, and keeps the figures when the link is down', async () => {
    const outbound = await makeOutbound();
    const inbound = await makeInbound();
    expect(await mirrorOf(inbound).status()).toMatchObject({ state: 'idle', filesTotal: null, bytesTotal: null });
    await putBytes(outbound, 'b', bytes(20_000));
    await putBytes(outbound, 'a', bytes(10));
    const known = await mirrorOf(inbound).status({ refresh: true });
    expect(known).toMatchObject({
      state: 'idle',
      source: 'outbound@hq',
      filesTotal: 2,
      bytesTotal: 20_010,
      bytesDone: 0,
      pending: [
        { path: 'a', bytes: 10, bytesDone: 0 },
        { path: 'b', bytes: 20_000, bytesDone: 0 },
      ],
    });
    expect(await contentsOf(edge.volumes, 'inbound')).toEqual({});
    proxy.isDown = true;
    proxy.cutNow();
    expect(await mirrorOf(inbound).status({ refresh: true })).toEqual(known);
    expect(mirrorOf(inbound).refreshError).not.toBeNull();
  });

  it('says what is wrong when the upstream is another site', async () => {
    await edge.volumes.create({ name: 'other', type: 'mirror', source: { volume: 'outbound', cluster: 'elsewhere' } });
    const status = await run(edge.volumes.require('other'));
    expect(status.state).toBe('failed');
    expect(status.lastError).toContain('answers as "hq"');
  });

  it('mirrors a volume of its own fabric too', async () => {
    const outbound = await makeOutbound();
    await putText(outbound, 'f', 'local');
    const local = await hq.volumes.create({ name: 'local', type: 'mirror', source });
    expect(await run(local)).toMatchObject({ state: 'idle', lastError: null });
    expect(await readText(local, 'f')).toBe('local');
  });
});
