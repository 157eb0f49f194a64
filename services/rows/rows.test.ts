import { describe, expect, it } from 'vitest';
import { isFieldlineError } from '@/lib/errors';
import {
  announcedRow,
  availableRow,
  cancelChange,
  changeOf,
  EdgeAssetRow,
  HqAssetRow,
  requestChange,
  TIMELINE_ENTRIES_MAX,
  toDocument,
  withEntry,
} from '.';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const asset = {
  id: 'sample-0001',
  feed: 'sample',
  sourceId: 'nile/1',
  title: 'Nile Delta',
  kind: 'image' as const,
  keywords: ['River'],
};
const file = { fileName: 'nile.jpg', mediaType: 'image/jpeg', bytes: 10, sha256: 'a'.repeat(64) };
const codeOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    return isFieldlineError(error) ? error.code : 'other';
  }
  return 'none';
};

describe('rows', () => {
  it('are what their schemas say, also after JSON', () => {
    const hq = announcedRow(asset, { link: 'http://x/y.jpg' }, NOW);
    expect(HqAssetRow.parse(JSON.parse(JSON.stringify(toDocument(hq))))).toEqual(hq);
    const edge = availableRow(asset, file, NOW);
    expect(EdgeAssetRow.parse(JSON.parse(JSON.stringify(toDocument(edge))))).toEqual(edge);
    expect(edge.search).toBe('nile delta river sample-0001');
  });

  it('change only as read: the change names the revision it was made from', () => {
    const row = { ...availableRow(asset, file, NOW), rev: 7 };
    expect(changeOf<EdgeAssetRow>(row, { status: 'ready', reason: undefined })).toEqual({
      id: 'sample-0001',
      mutation: { $put: { status: 'ready', rev: 8 } },
      condition: { $eq: { rev: 7 } },
    });
  });

  it('keep a bounded history, newest last', () => {
    let timeline = availableRow(asset, file, NOW).timeline;
    for (let n = 0; n < TIMELINE_ENTRIES_MAX + 5; n++)
      timeline = withEntry(timeline, { at: new Date(NOW + n).toISOString(), what: `n${n}`, by: 'test' });
    expect(timeline).toHaveLength(TIMELINE_ENTRIES_MAX);
    expect(timeline.at(-1)?.what).toBe(`n${TIMELINE_ENTRIES_MAX + 4}`);
  });

  it('are requested and cancelled only where that has a meaning', () => {
    const available = availableRow(asset, file, NOW);
    const asked = requestChange(available, { requestId: 'request-1', by: 'operator', nowMs: NOW, trace: '' });
    expect(asked.mutation.$put).toMatchObject({ status: 'requesting', requestId: 'request-1', rev: 1 });
    expect(codeOf(() => cancelChange(available, { by: 'operator', nowMs: NOW }))).toBe('CONFLICT');

    const delivered: EdgeAssetRow = { ...available, status: 'delivered', requestId: 'request-1' };
    expect(codeOf(() => requestChange(delivered, { requestId: 'r', by: 'operator', nowMs: NOW, trace: '' }))).toBe(
      'CONFLICT',
    );
    expect(codeOf(() => cancelChange(delivered, { by: 'operator', nowMs: NOW }))).toBe('CONFLICT');

    const requested: EdgeAssetRow = { ...available, status: 'requested', requestId: 'request-1' };
    const cancelled = cancelChange(requested, { by: 'operator', nowMs: NOW });
    expect(cancelled.mutation.$put).toMatchObject({
      status: 'cancelled',
      pendingCancels: ['request-1'],
      cancelDue: true,
    });
  });
});
