import { describe, expect, it } from 'vitest';
import { AssetDetailSchema, AssetSummarySchema, RequestSchema } from '@/lib/api/schemas';
import { announcedRow, availableRow, type EdgeAssetRow, type HqRequestRow, toDocument } from '../rows';
import { toAssetDetail, toAssetSummary, toRequestInfo } from '.';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const asset = {
  id: 'sample-0001',
  feed: 'sample',
  sourceId: 'nile/1',
  title: 'Nile Delta',
  kind: 'image' as const,
  keywords: [],
};
const file = { fileName: 'nile.jpg', mediaType: 'image/jpeg', bytes: 10, sha256: 'a'.repeat(64), width: 4, height: 3 };
const request: HqRequestRow = {
  _id: 'request-1',
  rev: 0,
  status: 'staged',
  trace: null,
  reason: null,
  code: null,
  edge: 'alpha',
  assetId: asset.id,
  title: asset.title,
  bytes: 10,
  createdAt: new Date(NOW + 1).toISOString(),
  updatedAt: new Date(NOW + 1).toISOString(),
  timeline: [{ at: new Date(NOW + 1).toISOString(), what: 'staged', by: 'responder' }],
};

describe('views', () => {
  it('show an HQ row without a file, and with one', () => {
    const row = announcedRow(asset, { mediaType: 'image/png' }, NOW);
    const before = AssetSummarySchema.parse(toAssetSummary('hq', 'hq', toDocument(row)));
    expect(before).toMatchObject({ status: 'announced', mediaType: 'image/png', bytes: null, hasContent: false });
    const after = toAssetSummary('hq', 'hq', toDocument({ ...row, file, status: 'downloaded' } as typeof row));
    expect(after).toMatchObject({ mediaType: 'image/jpeg', bytes: 10, hasContent: true });
  });

  it('show an HQ asset with what each edge asked for, in one history', () => {
    const row = announcedRow(asset, {}, NOW);
    const detail = AssetDetailSchema.parse(toAssetDetail('hq', 'hq', toDocument(row), [toDocument(request)]));
    expect(detail.edges).toEqual([expect.objectContaining({ edge: 'alpha', status: 'staged' })]);
    expect(detail.timeline.map(({ what, edge }) => [what, edge])).toEqual([
      ['announced', undefined],
      ['staged', 'alpha'],
    ]);
  });

  it('show an edge row; only a delivered one has its content', () => {
    const row: EdgeAssetRow = { ...availableRow(asset, file, NOW), status: 'ready', requestId: 'request-1' };
    expect(toAssetSummary('alpha', 'edge', toDocument(row)).hasContent).toBe(false);
    const delivered = toAssetSummary('alpha', 'edge', toDocument({ ...row, status: 'delivered' } as EdgeAssetRow));
    expect(delivered).toMatchObject({ site: 'alpha', requestId: 'request-1', hasContent: true });
  });

  it('list rows without their history', () => {
    const { timeline: _, ...document } = toDocument(availableRow(asset, file, NOW));
    expect(toAssetSummary('alpha', 'edge', document as never).title).toBe('Nile Delta');
  });

  it('show requests of both sides; a row never requested has none', () => {
    expect(RequestSchema.parse(toRequestInfo('hq', 'hq', toDocument(request)))).toMatchObject({ status: 'staged' });
    const row = availableRow(asset, file, NOW);
    expect(toRequestInfo('alpha', 'edge', toDocument(row))).toBeNull();
    const asked: EdgeAssetRow = { ...row, status: 'requesting', requestId: 'request-2', requestedAt: row.createdAt };
    expect(RequestSchema.parse(toRequestInfo('alpha', 'edge', toDocument(asked)))).toMatchObject({
      id: 'request-2',
      status: 'requesting',
      edge: 'alpha',
    });
  });
});
