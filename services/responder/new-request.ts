import type { AssetRequest } from '@/lib/domain/messages';
import { type HqRequestRow, isoTime } from '../rows';

/** The row of a request that HQ sees for the first time. */
export function newRequest(
  message: Pick<AssetRequest, 'requestId' | 'edge' | 'assetId'>,
  nowMs: number,
  trace: string | null = null,
): HqRequestRow {
  const at = isoTime(nowMs);
  return {
    _id: message.requestId,
    rev: 0,
    status: 'requested',
    reason: null,
    code: null,
    edge: message.edge,
    assetId: message.assetId,
    title: null,
    bytes: null,
    trace,
    createdAt: at,
    updatedAt: at,
    timeline: [{ at, what: 'requested', by: message.edge }],
  };
}
