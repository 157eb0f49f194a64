import type { MirrorStatus } from '@/lib/ports/volumes';
import type { Volume } from '../volumes';

const MB = 1024 * 1024;
/** `mirrorstatus`: 0 and 1 are what clients know (idle, running); a failed run's own value is not documented. */
const MIRROR_STATUS: Record<MirrorStatus['state'], string> = { idle: '0', running: '1', failed: '2' };

/**
 * A volume as `volume/info` and `volume/list` have it. Numbers are strings where a cluster sends strings, and both spellings of the
 * percentage are there, because clients ask for either.
 */
export async function volumeRecord(volume: Volume): Promise<Record<string, unknown>> {
  const { record } = volume;
  const { files, bytes } = await volume.usage();
  const usedMb = String(Math.ceil(bytes / MB));
  return {
    volumename: record.name,
    volumeid: record.id,
    volumetype: record.type === 'mirror' ? 1 : 0,
    mountdir: record.path,
    mounted: record.mounted ? 1 : 0,
    rackpath: '/data',
    creator: 'fabric',
    aename: 'fabric',
    aetype: 0,
    // One copy: this fabric is a single node.
    numreplicas: '1',
    minreplicas: '1',
    nsNumReplicas: '1',
    nsMinReplicas: '1',
    quota: '0',
    advisoryquota: '0',
    used: usedMb,
    totalused: usedMb,
    logicalUsed: usedMb,
    snapshotcount: '0',
    snapshotused: '0',
    readonly: record.type === 'mirror' ? '1' : '0',
    scheduleid: 0,
    schedulename: '',
    mirrorscheduleid: 0,
    mirrorthrottle: '0',
    mirrortype: record.type === 'mirror' ? 2 : 3,
    ...(await mirrorFields(volume)),
    // Ours: exact, where the figures above are in MB.
    usedBytes: bytes,
    files,
  };
}

async function mirrorFields({ record, mirror }: Volume): Promise<Record<string, unknown>> {
  if (!record.source) return {};
  const status = await mirror?.status();
  const percent = status ? percentComplete(status) : 0;
  return {
    mirrorSrcVolume: record.source.volume,
    mirrorSrcCluster: record.source.cluster,
    mirrorstatus: MIRROR_STATUS[status?.state ?? 'idle'],
    lastSuccessfulMirrorTime: status?.lastSuccessAt ?? 0,
    mirrorpercentcomplete: percent,
    'mirror-percent-complete': percent,
  };
}

/** By bytes; 100 when nothing waits, 0 while what waits is not known. */
export function percentComplete(status: MirrorStatus): number {
  if (status.bytesTotal === null) return status.lastSuccessAt === null ? 0 : 100;
  if (status.bytesTotal === 0) return 100;
  return Math.floor((status.bytesDone * 100) / status.bytesTotal);
}
