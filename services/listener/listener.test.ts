import { afterEach, describe, expect, it } from 'vitest';
import { AssetBroadcastMessage, type AssetResponse, AssetResponseMessage, encodeMessage } from '@/lib/domain/messages';
import { TABLES, TOPICS } from '@/lib/domain/naming';
import { availableRow, EdgeAssetRow, toDocument } from '../rows';
import { sampleAsset, sampleFile } from '../testing/samples';
import { createTestFabrics, type ServiceProcess, type TestFabrics } from '../testing/service-harness';
import { listener } from './definition';

const AT = '2026-01-02T03:04:05.000Z';
const broadcast = (id: string) => ({
  key: id,
  value: encodeMessage(AssetBroadcastMessage, {
    type: 'asset.broadcast',
    at: AT,
    asset: sampleAsset(id),
    file: sampleFile(id),
  }),
});
const response = (assetId: string, change: Partial<AssetResponse>) => ({
  key: assetId,
  value: encodeMessage(AssetResponseMessage, {
    type: 'asset.response',
    at: AT,
    requestId: 'request-1',
    edge: 'alpha',
    assetId,
    outcome: 'staged',
    ...change,
  }),
});
const stagedFile = (id: string) => {
  const { tinyPreview: _, ...file } = sampleFile(id);
  return file;
};

let open: ServiceProcess[] = [];
afterEach(async () => {
  await Promise.all(open.map((process) => process.stop()));
  open = [];
});
interface Setup {
  fabrics: TestFabrics;
  hq: ServiceProcess;
  alpha: ServiceProcess;
}
async function begin(fabrics = createTestFabrics()): Promise<Setup> {
  const hq = await fabrics.process('hq');
  const alpha = await fabrics.process('alpha');
  open.push(hq, alpha);
  return { fabrics, hq, alpha };
}
const rowOf = async ({ alpha }: Setup, id: string) => {
  const document = await alpha.ports.tables.get(TABLES.assets, id);
  return document ? EdgeAssetRow.parse(document) : null;
};
const putRow = (setup: Setup, id: string, change: Partial<EdgeAssetRow>) =>
  setup.alpha.ports.tables.put(
    TABLES.assets,
    toDocument({ ...availableRow(sampleAsset(id), sampleFile(id), 0), ...change }),
  );

describe('the listener, of broadcasts', () => {
  it('lists each asset once, however often it is broadcast', async () => {
    const setup = await begin();
    await setup.alpha.start(listener);
    await setup.hq.ports.streams.produce(TOPICS.assetBroadcast, [broadcast('a'), broadcast('b'), broadcast('a')]);
    await setup.hq.ports.streams.produce(TOPICS.assetBroadcast, [broadcast('a'), broadcast('c')]);
    await expect.poll(() => rowOf(setup, 'c')).toMatchObject({ status: 'available', file: sampleFile('c') });
    expect(await setup.alpha.ports.tables.count(TABLES.assets)).toBe(3);
    expect((await rowOf(setup, 'a'))?.timeline).toHaveLength(1);
    expect(setup.alpha.reported.processed).toBe(3);
  });

  it('never resets a row that has moved on', async () => {
    const setup = await begin();
    await putRow(setup, 'a', { status: 'requested', requestId: 'request-1', rev: 4 });
    await setup.alpha.start(listener);
    await setup.hq.ports.streams.produce(TOPICS.assetBroadcast, [broadcast('a'), broadcast('z')]);
    await expect.poll(() => rowOf(setup, 'z')).not.toBeNull();
    expect(await rowOf(setup, 'a')).toMatchObject({ status: 'requested', requestId: 'request-1', rev: 4 });
  });

  it('lists once after a crash between the row and the offset', async () => {
    const setup = await begin();
    setup.alpha.faults.plan({ operation: 'tables.insertMany', target: 'assets', when: 'after', effect: 'kill' });
    await setup.alpha.start(listener);
    await setup.hq.ports.streams.produce(TOPICS.assetBroadcast, [broadcast('a')]);
    await expect.poll(() => setup.alpha.faults.killed).toBe(true);
    setup.alpha.kill();

    const next = await begin(setup.fabrics);
    await next.alpha.start(listener);
    await next.hq.ports.streams.produce(TOPICS.assetBroadcast, [broadcast('b')]);
    await expect.poll(() => rowOf(next, 'b')).not.toBeNull();
    expect(await rowOf(next, 'a')).toMatchObject({ status: 'available', rev: 0 });
  });
});

describe('the listener, of responses', () => {
  async function answered(change: Partial<EdgeAssetRow> | null, ...messages: Partial<AssetResponse>[]) {
    const setup = await begin();
    if (change) await putRow(setup, 'a', change);
    await setup.alpha.start(listener);
    await setup.hq.ports.streams.produce(
      TOPICS.assetResponse,
      messages.map((message) => response('a', message)),
    );
    // A later message of another asset tells that the ones before are through: one partition, in order.
    await setup.hq.ports.streams.produce(TOPICS.assetResponse, [
      response('marker', { requestId: 'request-m', file: stagedFile('marker') }),
    ]);
    await expect.poll(() => rowOf(setup, 'marker')).not.toBeNull();
    return { setup, row: await rowOf(setup, 'a') };
  }
  const asked = { status: 'requested', requestId: 'request-1' } as const;

  it('makes a staged asset ready, with the digest of what was staged', async () => {
    const file = { ...stagedFile('a'), sha256: 'b'.repeat(64) };
    const { row, setup } = await answered(asked, { file });
    expect(row).toMatchObject({
      status: 'ready',
      file: { sha256: 'b'.repeat(64), tinyPreview: sampleFile('a').tinyPreview },
    });
    const names = setup.alpha.events.map((event) => event.name);
    expect(names).toContain('asset');
    expect(names).toContain('request');
  });

  it('takes an answer that overtakes the row: it was sent, and the crash came before the row', async () => {
    const { row } = await answered({ status: 'requesting', requestId: 'request-1' }, { file: stagedFile('a') });
    expect(row?.status).toBe('ready');
  });

  it('fails what HQ rejects, with HQ its reason', async () => {
    const { row } = await answered(asked, { outcome: 'rejected', reason: 'HQ has no such asset' });
    expect(row).toMatchObject({ status: 'failed', reason: 'HQ has no such asset' });
  });

  it('leaves a row that is further on', async () => {
    const { row } = await answered({ status: 'delivered', requestId: 'request-1' }, { file: stagedFile('a') });
    expect(row).toMatchObject({ status: 'delivered', rev: 0 });
  });

  it('ignores answers to an older request, to other edges, and to what was withdrawn', async () => {
    expect((await answered({ ...asked, requestId: 'request-2' }, { file: stagedFile('a') })).row?.status).toBe(
      'requested',
    );
    expect((await answered(asked, { edge: 'bravo', outcome: 'rejected', reason: 'no' })).row?.status).toBe('requested');
    expect((await answered({ ...asked, status: 'cancelled' }, { file: stagedFile('a') })).row?.status).toBe(
      'cancelled',
    );
  });

  it('learns from a table that was lost what HQ has staged and cancelled', async () => {
    expect((await answered({}, { file: stagedFile('a') })).row).toMatchObject({
      status: 'ready',
      requestId: 'request-1',
    });
    const gone = await answered({}, { file: stagedFile('a') }, { outcome: 'cancelled' });
    expect(gone.row?.status).toBe('cancelled');
  });

  it('keeps a row for an asset it does not know, until the broadcast describes it', async () => {
    const { row, setup } = await answered(null, { file: stagedFile('a') });
    expect(row).toMatchObject({ status: 'ready', described: false, asset: { title: 'a.jpg' } });
    await setup.hq.ports.streams.produce(TOPICS.assetBroadcast, [broadcast('a')]);
    await expect
      .poll(() => rowOf(setup, 'a'))
      .toMatchObject({ status: 'ready', described: true, asset: { title: 'Title of a' } });
  });

  it('does not undo an answer that comes twice', async () => {
    const { row } = await answered(asked, { file: stagedFile('a') }, { file: stagedFile('a') });
    expect(row).toMatchObject({ status: 'ready', rev: 1 });
  });
});
