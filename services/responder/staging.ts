import { assetPath } from '@/lib/domain/asset';
import { TABLES, VOLUMES } from '@/lib/domain/naming';
import { isFieldlineError } from '@/lib/errors';
import type { SitePorts } from '@/lib/ports';
import type { ServiceContext } from '../contract';
import type { HqAssetRow, HqRequestRow } from '../rows';

/** Puts an asset's file where the edge's mirror takes it from. Idempotent: a file that is there with the right digest stays. */
export async function stageFile({ ports }: ServiceContext, edge: string, asset: HqAssetRow): Promise<void> {
  const { fileName, sha256 } = asset.file!;
  const volume = VOLUMES.outbound(edge);
  const path = assetPath(asset._id, fileName);
  await ports.volumes.ensureVolume(volume);
  const there = await ports.volumes.stat(volume, path);
  if (there?.sha256 === sha256) return;
  await ports.volumes.copy({ volume: VOLUMES.assets, path }, { volume, path });
}

/** Takes back what was staged for a request, unless another request of the same edge still stands on it. */
export async function unstageFile({ ports }: ServiceContext, request: HqRequestRow): Promise<void> {
  const others = await ports.tables.count(TABLES.requests, {
    $and: [
      { $eq: { assetId: request.assetId } },
      { $eq: { edge: request.edge } },
      { $ne: { _id: request._id } },
      { $in: { status: ['requested', 'staged', 'received'] } },
    ],
  });
  if (others > 0) return;
  const volume = VOLUMES.outbound(request.edge);
  await ports.volumes.ensureVolume(volume);
  for (const path of await stagedPaths(ports, volume, request.assetId)) await ports.volumes.remove(volume, path);
}

/** What lies there for an asset; where a fabric has no listings, what was staged by the asset's row. */
async function stagedPaths(ports: SitePorts, volume: string, assetId: string): Promise<string[]> {
  try {
    return (await ports.volumes.list(volume, `${assetId}/`)).map((file) => file.path);
  } catch (error) {
    if (!isFieldlineError(error, 'UNSUPPORTED')) throw error;
    const file = ((await ports.tables.get(TABLES.assets, assetId)) as HqAssetRow | null)?.file;
    return file ? [assetPath(assetId, file.fileName)] : [];
  }
}
