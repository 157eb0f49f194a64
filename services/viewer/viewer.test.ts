import { afterEach, describe, expect, it } from 'vitest';
import { assetPath } from '@/lib/domain/asset';
import { TABLES, TOPICS, VOLUMES } from '@/lib/domain/naming';
import type { MirrorStatus } from '@/lib/ports';
import { availableRow, EdgeAssetRow, toDocument } from '../rows';
import { contentOf, messagesOf, sampleAsset, sampleFile } from '../testing/samples';
import { createTestFabrics, type ServiceProcess } from '../testing/service-harness';
import { createViewer } from './handler';
import { patchFor } from './judge';

let open: ServiceProcess[] = [];
afterEach(async () => {
  await Promise.all(open.map((process) => process.stop()));
  open = [];
});
async function begin(fabrics = createTestFabrics()) {
  const hq = await fabrics.process('hq');
  const alpha = await fabrics.process('alpha');
  await hq.ports.volumes.ensureVolume(VOLUMES.outbound('alpha'));
  open.push(hq, alpha);
  return { fabrics, hq, alpha };
}
const readyRow = (id: string): EdgeAssetRow => ({
  ...availableRow(sampleAsset(id), sampleFile(id), 0),
  status: 'ready',
  requestId: `request-${id}`,
  readyAtMs: 1,
});
const rowOf = async (process: ServiceProcess, id: string) =>
  EdgeAssetRow.parse(await process.ports.tables.get(TABLES.assets, id));
const stage = (hq: ServiceProcess, id: string, content = contentOf(id)) =>
  hq.ports.volumes.put(VOLUMES.outbound('alpha'), assetPath(id, `${id}.jpg`), content);
async function mirror(process: ServiceProcess) {
  await process.ports.volumes.startMirror(VOLUMES.inbound);
  await expect.poll(async () => (await process.ports.volumes.mirrorStatus(VOLUMES.inbound)).state).toBe('idle');
}
const receipts = (process: ServiceProcess) => messagesOf(process.ports, TOPICS.receipt('alpha'));

describe('the viewer', () => {
  it('delivers what the mirror brought, and tells HQ', async () => {
    const { hq, alpha } = await begin();
    const look = createViewer(alpha.context());
    await alpha.ports.tables.put(TABLES.assets, toDocument(readyRow('a')));
    await stage(hq, 'a');
    expect(await look()).toBe(true);
    expect((await rowOf(alpha, 'a')).status).toBe('ready');
    await mirror(alpha);
    await look();
    expect(await rowOf(alpha, 'a')).toMatchObject({ status: 'delivered', receiptDue: false });
    expect(await receipts(alpha)).toEqual([
      expect.objectContaining({ requestId: 'request-a', edge: 'alpha', assetId: 'a', sha256: sampleFile('a').sha256 }),
    ]);
    expect(await look()).toBe(false);
    expect(await receipts(alpha)).toHaveLength(1);
  });

  it('delivers many, by one listing', async () => {
    const { hq, alpha } = await begin();
    const ids = Array.from({ length: 30 }, (_, n) => `asset-${n}`);
    for (const id of ids) {
      await alpha.ports.tables.put(TABLES.assets, toDocument(readyRow(id)));
      await stage(hq, id);
    }
    await mirror(alpha);
    await createViewer(alpha.context())();
    expect(await alpha.ports.tables.count(TABLES.assets, { $eq: { status: 'delivered' } })).toBe(ids.length);
    expect(await receipts(alpha)).toHaveLength(ids.length);
  });

  it('writes the receipt after a crash between the row and the receipt, and after one behind it', async () => {
    const { fabrics, hq, alpha } = await begin();
    await alpha.ports.tables.put(TABLES.assets, toDocument(readyRow('a')));
    await stage(hq, 'a');
    await mirror(alpha);
    alpha.faults.plan({ operation: 'streams.produce', effect: 'kill' });
    void createViewer(alpha.context())();
    await expect.poll(() => alpha.faults.killed).toBe(true);

    const second = (await begin(fabrics)).alpha;
    expect(await rowOf(second, 'a')).toMatchObject({ status: 'delivered', receiptDue: true });
    expect(await receipts(second)).toHaveLength(0);
    second.faults.plan({ operation: 'streams.produce', when: 'after', effect: 'kill' });
    void createViewer(second.context())();
    await expect.poll(() => second.faults.killed).toBe(true);

    const third = (await begin(fabrics)).alpha;
    await createViewer(third.context())();
    expect((await receipts(third)).map((receipt) => receipt.requestId)).toEqual(['request-a', 'request-a']);
    expect((await rowOf(third, 'a')).receiptDue).toBe(false);
  });

  it('fails a file that is not what HQ announced, with words', async () => {
    const { hq, alpha } = await begin();
    await alpha.ports.tables.put(TABLES.assets, toDocument(readyRow('a')));
    await stage(hq, 'a', Buffer.from('something else'));
    await mirror(alpha);
    await createViewer(alpha.context())();
    const row = await rowOf(alpha, 'a');
    expect(row).toMatchObject({ status: 'failed', code: 'ASSET_DIGEST_MISMATCH' });
    expect(row.reason).toContain('digests differ');
    expect(await receipts(alpha)).toHaveLength(0);
  });
});

describe('the judgement of a row', () => {
  const idle: MirrorStatus = {
    state: 'idle',
    source: 'outbound-alpha@hq',
    filesTotal: null,
    bytesTotal: null,
    filesDone: 0,
    bytesDone: 0,
    pending: [],
    bytesPerSecond: 0,
    startedAt: null,
    lastSuccessAt: null,
    lastError: null,
    asOf: 0,
  };
  const running: MirrorStatus = {
    ...idle,
    state: 'running',
    startedAt: 200,
    pending: [{ path: 'a/a.jpg', bytes: 1, bytesDone: 0 }],
  };
  const row: EdgeAssetRow = { ...readyRow('a'), readyAtMs: 100 };
  const wrong = { path: 'a/a.jpg', bytes: 1, sha256: 'c'.repeat(64), modifiedAt: 50 };

  it('is mirroring while the file is on its way, and ready again when the run ends without it', () => {
    expect(patchFor(row, null, running, 0)).toMatchObject({ status: 'mirroring' });
    expect(patchFor({ ...row, status: 'mirroring' }, null, running, 0)).toBeNull();
    expect(patchFor({ ...row, status: 'mirroring' }, null, { ...idle, state: 'failed' }, 0)).toMatchObject({
      status: 'ready',
    });
    expect(patchFor(row, null, idle, 0)).toBeNull();
  });

  it('gives a wrong file that lay there before the chance to be replaced', () => {
    expect(patchFor(row, wrong, idle, 0)).toBeNull();
    expect(patchFor(row, wrong, running, 0)).toMatchObject({ status: 'mirroring' });
    expect(patchFor(row, wrong, { ...idle, startedAt: 50, lastSuccessAt: 150 }, 0)).toBeNull();
    expect(patchFor(row, wrong, { ...idle, startedAt: 200, lastSuccessAt: 300 }, 0)).toMatchObject({
      status: 'failed',
    });
    expect(patchFor(row, { ...wrong, modifiedAt: 150 }, running, 0)).toMatchObject({ status: 'failed' });
  });
});
