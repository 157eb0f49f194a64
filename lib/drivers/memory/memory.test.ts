import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Streams } from '@/lib/ports';
import { type MemoryLink, MemorySite } from '.';

const B = { stream: 'replicated', topic: 'B' } as const;
const R = { stream: 'replicated', topic: 'R.alpha' } as const;
const valuesOf = async (streams: Streams, ref: typeof B | typeof R) =>
  (await streams.tail(ref, 100)).map((record) => `${record.offset}:${record.value}`);

let hq: MemorySite;
let alpha: MemorySite;
let link: MemoryLink;
beforeEach(() => {
  hq = new MemorySite('hq');
  alpha = new MemorySite('alpha');
  link = alpha.connectTo(hq, { inbound: ['B'], outbound: ['R.alpha'] });
});

describe('the link in memory', () => {
  it('carries each direction with its offsets, once it is declared', async () => {
    const [atHq, atAlpha] = [hq.process().ports, alpha.process().ports];
    await atHq.streams.ensureTopic(B);
    await atHq.streams.produce(B, [{ key: 'k', value: 'one' }]);
    expect(await atAlpha.streams.topics('replicated')).toEqual([]);
    await atAlpha.links!.ensureLink();
    await atHq.streams.produce(B, [{ key: 'k', value: 'two' }]);
    expect(await valuesOf(atAlpha.streams, B)).toEqual(['0:one', '1:two']);
    await atAlpha.streams.ensureTopic(R);
    await atAlpha.streams.produce(R, [{ key: 'k', value: 'please' }]);
    expect(await valuesOf(atHq.streams, R)).toEqual(['0:please']);
    await expect(atAlpha.streams.produce(B, [{ key: 'k', value: 'mine' }])).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    });
  });

  it('holds back what is paused or cut, says how much waits, and carries on', async () => {
    const [atHq, atAlpha] = [hq.process().ports, alpha.process().ports];
    await atHq.streams.ensureTopic(B);
    await atAlpha.links!.ensureLink();
    await atAlpha.links!.pause('inbound');
    await atHq.streams.produce(B, [{ key: 'k', value: 'one' }]);
    expect((await atAlpha.links!.status()).inbound).toMatchObject({ state: 'paused', lagRecords: 1, lagBytes: 3 });
    await atAlpha.links!.setConditions({ cut: true, bytesPerSecond: null, latencyMs: 0 });
    await atAlpha.links!.resume('inbound');
    expect((await atAlpha.links!.status()).inbound).toMatchObject({ state: 'down', lagRecords: 1 });
    link.setConditions({ cut: false, bytesPerSecond: null, latencyMs: 0 });
    expect((await atAlpha.links!.status()).inbound).toMatchObject({ state: 'up', lagRecords: 0, recordsTotal: 1 });
  });

  it('fails a mirror while it is cut, and keeps what is there', async () => {
    const [atHq, atAlpha] = [hq.process().ports, alpha.process().ports];
    await atHq.volumes.ensureVolume('out');
    await atHq.volumes.put('out', 'a', Buffer.from('x'));
    await atAlpha.volumes.ensureMirror('in', { volume: 'out', site: 'hq' });
    link.setConditions({ cut: true, bytesPerSecond: null, latencyMs: 0 });
    await atAlpha.volumes.startMirror('in');
    await expect.poll(() => atAlpha.volumes.mirrorStatus('in')).toMatchObject({ state: 'failed' });
    link.setConditions({ cut: false, bytesPerSecond: null, latencyMs: 0 });
    await atAlpha.volumes.startMirror('in');
    await expect.poll(() => atAlpha.volumes.mirrorStatus('in')).toMatchObject({ state: 'idle', filesDone: 1 });
  });
});

describe('faults', () => {
  const site = () => new MemorySite('hq');
  let dispose: (() => void) | null = null;
  afterEach(() => dispose?.());

  it('fail a call before or after its effect, as often as planned', async () => {
    const { ports, faults } = site().process();
    await ports.tables.ensureTable('t');
    faults.plan({ operation: 'tables.put', effect: new Error('before') });
    await expect(ports.tables.put('t', { _id: 'a' })).rejects.toThrow('before');
    expect(await ports.tables.get('t', 'a')).toBeNull();
    faults.plan({ operation: 'tables.put', target: 't', when: 'after', effect: new Error('after') });
    await expect(ports.tables.put('t', { _id: 'a' })).rejects.toThrow('after');
    expect(await ports.tables.get('t', 'a')).toEqual({ _id: 'a' });
    await ports.tables.put('t', { _id: 'b' });
  });

  it('kill a process: nothing returns, nothing is committed, the site and other processes go on', async () => {
    const fabric = site();
    const [first, second] = [fabric.process(), fabric.process()];
    const T = { stream: 'pipeline', topic: 'T' } as const;
    await first.ports.streams.ensureTopic(T);
    const seen: string[] = [];
    const subscribe = (who: string, { ports }: typeof first) =>
      ports.streams.subscribe({
        group: 'g',
        topics: [T],
        from: 'earliest',
        handler: async (records) => {
          seen.push(...records.map((record) => `${who}:${record.value}`));
          if (who === 'first') await ports.tables.ensureTable('reached');
        },
      });
    await subscribe('first', first);
    first.faults.plan({ operation: 'tables.ensureTable', effect: 'kill' });
    await second.ports.streams.produce(T, [{ key: 'k', value: 'one' }]);
    await expect.poll(() => first.faults.killed).toBe(true);
    const subscription = await subscribe('second', second);
    dispose = () => void subscription.stop();
    await expect.poll(() => seen).toEqual(['first:one', 'second:one']);
    const late = await Promise.race([
      first.ports.tables.get('reached', 'x').then(() => 'returned'),
      new Promise((resolve) => setImmediate(() => resolve('hangs'))),
    ]);
    expect(late).toBe('hangs');
  });

  it('make a fabric unreachable for a while', async () => {
    const { ports, faults } = site().process();
    faults.setReachable(false, 'hq does not answer');
    await expect(ports.streams.topics('pipeline')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    faults.setReachable(true);
    expect(await ports.streams.topics('pipeline')).toEqual([]);
  });
});
