import { v5 as uuidV5 } from 'uuid';
import type { LinkDirection, LinkDirectionName } from '@/lib/ports/links';
import type { LinkRecord } from './context';

/** Namespace of the ids that name a stream at a cluster; any fixed UUID will do. */
const STREAM_UUID_NAMESPACE = '5f0c0a52-6a1e-4c0e-9a53-2f3f1f0c7d11';

/**
 * A row of `stream/replica/list` with every key that a cluster gives (HPE Data Fabric documentation, "stream replica list"). What follows
 * `copyTableCompletionPercentage` is ours.
 */
export function replicaRow(
  siteId: string,
  record: LinkRecord,
  name: LinkDirectionName,
  status: LinkDirection,
  now: number,
): Record<string, unknown> {
  const outbound = name === 'outbound';
  const target = outbound
    ? { cluster: record.cluster, path: record.replicaPath }
    : { cluster: siteId, path: record.path };
  const waiting = status.lagRecords ?? 0;
  return {
    cluster: target.cluster,
    stream: target.path,
    type: 'MapRStream',
    replicaPath: target.path,
    replicaState: status.state === 'failed' ? 'REPLICA_STATE_UNEXPECTED' : 'REPLICA_STATE_REPLICATING',
    paused: status.state === 'paused',
    throttle: false,
    idx: 1,
    networkencryption: false,
    synchronous: false,
    networkcompression: 'off',
    propagateExistingData: true,
    isUptodate: status.lagRecords === 0 && status.state !== 'failed',
    minPendingTS: waiting > 0 && status.lagMs !== null ? now - status.lagMs : 0,
    maxPendingTS: waiting > 0 ? now : 0,
    bytesPending: status.lagBytes ?? 0,
    putsPending: waiting,
    bucketsPending: 0,
    copyTableCompletionPercentage: 100,
    direction: name,
    topics: (outbound ? record.outbound : record.inbound)?.join(',') ?? '',
    state: status.state,
    ...(status.lastError !== null && {
      errors: { Code: errorCode(status), Host: record.cluster, Msg: status.lastError },
    }),
  };
}

function errorCode(status: LinkDirection): string {
  if (status.state === 'failed') return 'ErrLinkDiverged';
  return status.state === 'up' ? 'ErrRecordsLost' : 'ErrAllGatewaysUnreachable';
}

/** A row of `stream/upstream/list`. */
export function upstreamRow(record: LinkRecord): Record<string, unknown> {
  return {
    cluster: record.cluster,
    stream: record.replicaPath,
    idx: 1,
    uuid: uuidV5(`${record.cluster}${record.replicaPath}`, STREAM_UUID_NAMESPACE),
  };
}
