import { afterEach, describe, expect, it } from 'vitest';
import { assetPath } from '@/lib/domain/asset';
import { AssetReceiptMessage, type AssetRequest, AssetRequestMessage, encodeMessage } from '@/lib/domain/messages';
import { TABLES, TOPICS, VOLUMES } from '@/lib/domain/naming';
import { listDeadLetters } from '../dead-letters';
import { announcedRow, type HqAssetRow, HqRequestRow, toDocument } from '../rows';
import { contentOf, messagesOf, sampleAsset, sampleFile } from '../testing/samples';
import { createTestFabrics, type ServiceProcess, type TestFabrics } from '../testing/service-harness';
import { responder } from './definition';

const AT = '2026-01-02T03:04:05.000Z';
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
async function addAsset({ hq }: Setup, id: string, change: Partial<HqAssetRow> = {}) {
  const row = {
    ...announcedRow(sampleAsset(id), {}, 0),
    status: 'broadcast' as const,
    file: sampleFile(id),
    ...change,
  };
  await hq.ports.tables.put(TABLES.assets, toDocument(row));
  if (row.file) await hq.ports.volumes.put(VOLUMES.assets, assetPath(id, `${id}.jpg`), contentOf(id));
}
const send = ({ alpha }: Setup, ...messages: Partial<AssetRequest>[]) =>
  alpha.ports.streams.produce(
    TOPICS.request('alpha'),
    messages.map((message) => {
      const full: AssetRequest = {
        type: 'asset.request',
        at: AT,
        requestId: 'request-1',
        edge: 'alpha',
        assetId: 'a',
        ...message,
      };
      return { key: full.assetId, value: encodeMessage(AssetRequestMessage, full) };
    }),
  );
const responses = async ({ hq }: Setup) =>
  (await messagesOf(hq.ports, TOPICS.assetResponse)).map((message) => `${message.requestId} ${message.outcome}`);
const requestOf = async ({ hq }: Setup, id = 'request-1') => {
  const document = await hq.ports.tables.get(TABLES.requests, id);
  return document ? HqRequestRow.parse(document) : null;
};
const stagedFiles = async ({ hq }: Setup) =>
  (await hq.ports.volumes.list(VOLUMES.outbound('alpha'))).map((file) => file.path);

describe('the responder', () => {
  it('stages what an edge asks for, and tells it', async () => {
    const setup = await begin();
    await addAsset(setup, 'a');
    await setup.hq.start(responder);
    await send(setup, {});
    await expect.poll(() => requestOf(setup)).toMatchObject({ status: 'staged', edge: 'alpha', title: 'Title of a' });
    expect(await stagedFiles(setup)).toEqual(['a/a.jpg']);
    const [message] = await messagesOf(setup.hq.ports, TOPICS.assetResponse);
    expect(message).toMatchObject({ outcome: 'staged', edge: 'alpha', file: { sha256: sampleFile('a').sha256 } });
    expect(setup.hq.events.map((event) => event.name)).toEqual(['request', 'request']);
  });

  it('has an outbound volume for an edge that has not asked yet', async () => {
    const setup = await begin();
    await setup.hq.start(responder);
    await expect
      .poll(() => setup.hq.ports.volumes.list(VOLUMES.outbound('alpha')).catch((error) => error.code))
      .toEqual([]);
  });

  it('answers a repeated request again, and stages once', async () => {
    const setup = await begin();
    await addAsset(setup, 'a');
    await setup.hq.start(responder);
    await send(setup, {});
    await send(setup, {}, {});
    await expect.poll(() => responses(setup)).toEqual(Array(3).fill('request-1 staged'));
    expect(await setup.hq.ports.tables.count(TABLES.requests)).toBe(1);
    expect((await requestOf(setup))?.timeline.map((line) => line.what)).toEqual(['requested', 'staged']);
  });

  it('rejects what it does not have, could not fetch, or has lost, and says why', async () => {
    const setup = await begin();
    await addAsset(setup, 'failed', { status: 'failed', file: null, reason: 'The server answers 404' });
    await addAsset(setup, 'lost');
    await setup.hq.ports.volumes.remove(VOLUMES.assets, 'lost/lost.jpg');
    await setup.hq.start(responder);
    await send(
      setup,
      { assetId: 'unknown', requestId: 'request-u' },
      { assetId: 'failed', requestId: 'request-f' },
      { assetId: 'lost', requestId: 'request-l' },
    );
    await expect.poll(() => responses(setup)).toHaveLength(3);
    expect(await requestOf(setup, 'request-u')).toMatchObject({
      status: 'rejected',
      reason: 'HQ has no asset unknown',
    });
    expect((await requestOf(setup, 'request-f'))?.reason).toContain('The server answers 404');
    expect((await requestOf(setup, 'request-l'))?.reason).toBe('HQ no longer has the file');
  });

  it('lets a request wait for a download, and answers when it is there', async () => {
    const setup = await begin();
    await addAsset(setup, 'a', { status: 'downloading', file: null });
    const service = await setup.hq.start(responder);
    await send(setup, {});
    await expect.poll(() => requestOf(setup)).toMatchObject({ status: 'requested' });
    expect(await responses(setup)).toEqual([]);
    await addAsset(setup, 'a');
    service.wake?.('downloaded');
    await expect.poll(() => responses(setup)).toEqual(['request-1 staged']);
  });

  it('cancels: the staged file goes, unless another request stands on it', async () => {
    const setup = await begin();
    await addAsset(setup, 'a');
    await setup.hq.start(responder);
    await send(setup, {}, { requestId: 'request-2' }, { type: 'asset.cancel' });
    await expect.poll(() => requestOf(setup)).toMatchObject({ status: 'cancelled' });
    expect(await stagedFiles(setup)).toEqual(['a/a.jpg']);
    await send(setup, { type: 'asset.cancel', requestId: 'request-2' });
    await expect.poll(() => stagedFiles(setup)).toEqual([]);
    expect((await responses(setup)).at(-1)).toBe('request-2 cancelled');
  });

  it('does not stage a request whose cancel came first', async () => {
    const setup = await begin();
    await addAsset(setup, 'a');
    await setup.hq.start(responder);
    await send(setup, { type: 'asset.cancel' }, {});
    await expect.poll(() => responses(setup)).toEqual(['request-1 cancelled', 'request-1 cancelled']);
    expect(await stagedFiles(setup)).toEqual([]);
  });

  it('takes receipts, also of requests it knows nothing of, and cancels none of those', async () => {
    const setup = await begin();
    await addAsset(setup, 'a');
    await setup.hq.start(responder);
    await send(setup, {});
    await expect.poll(() => responses(setup)).toHaveLength(1);
    const receipt = (requestId: string) => ({
      key: 'a',
      value: encodeMessage(AssetReceiptMessage, {
        type: 'asset.receipt',
        at: AT,
        requestId,
        edge: 'alpha',
        assetId: 'a',
        sha256: sampleFile('a').sha256,
      }),
    });
    const receipts = [receipt('request-1'), receipt('request-1'), receipt('request-lost')];
    await setup.alpha.ports.streams.produce(TOPICS.receipt('alpha'), receipts);
    await expect.poll(() => requestOf(setup, 'request-lost')).toMatchObject({ status: 'received' });
    expect((await requestOf(setup))?.timeline.map((line) => line.what)).toEqual(['requested', 'staged', 'received']);
    await send(setup, { type: 'asset.cancel' }, { assetId: 'b', requestId: 'request-b' });
    await expect.poll(() => requestOf(setup, 'request-b')).toMatchObject({ status: 'rejected' });
    expect(await requestOf(setup)).toMatchObject({ status: 'received' });
    expect(await stagedFiles(setup)).toEqual(['a/a.jpg']);
  });

  it('refuses a message of one edge on the topic of another', async () => {
    const setup = await begin();
    await setup.hq.start(responder);
    await send(setup, { edge: 'bravo' });
    await expect.poll(() => listDeadLetters(setup.hq.ports)).toHaveLength(1);
    expect(await setup.hq.ports.tables.count(TABLES.requests)).toBe(0);
  });
});

describe('the responder, killed', () => {
  it.each([
    ['between the copy and the answer', { operation: 'streams.produce', target: 'ASSET_RESPONSE' }, 1],
    ['between the answer and the row', { operation: 'streams.produce', target: 'ASSET_RESPONSE', when: 'after' }, 2],
    ['before the offset is committed', { operation: 'tables.update', target: 'requests', when: 'after' }, 2],
  ] as const)('%s: stages once and answers', async (_where, plan, answers) => {
    const setup = await begin();
    await addAsset(setup, 'a');
    setup.hq.faults.plan({ ...plan, effect: 'kill' });
    await setup.hq.start(responder);
    await send(setup, {});
    await expect.poll(() => setup.hq.faults.killed).toBe(true);
    setup.hq.kill();

    const next = await begin(setup.fabrics);
    await next.hq.start(responder);
    await expect.poll(() => responses(next)).toEqual(Array(answers).fill('request-1 staged'));
    await expect.poll(() => requestOf(next)).toMatchObject({ status: 'staged' });
    expect(await stagedFiles(next)).toEqual(['a/a.jpg']);
  });
});
