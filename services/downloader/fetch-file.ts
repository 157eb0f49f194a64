import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type AssetFile, assetPath } from '@/lib/domain/asset';
import { VOLUMES } from '@/lib/domain/naming';
import type { AssetDownload, OpenAssetDownload } from '@/lib/download/types';
import { FieldlineError } from '@/lib/errors';
import type { DownloadPolicy } from '@/lib/feeds/types';
import type { FileInfo } from '@/lib/ports';
import type { ServiceContext } from '../contract';
import { type HqAssetRow, PREVIEW_FILE_NAME } from '../rows';

export interface FetchTools {
  openDownload: OpenAssetDownload;
  policyOf(feedId: string): DownloadPolicy;
}

/** A download takes no longer, however steadily it drips: a place that is never free again is a hang too. */
const DOWNLOAD_MS_MAX = 60 * 60_000;

/** Streams an asset's file into volume `assets`. Fails with ASSET_*, or with what the volume says. */
export async function fetchFile(context: ServiceContext, tools: FetchTools, row: HqAssetRow): Promise<AssetFile> {
  const { config, clock, signal } = context;
  const deadline = new AbortController();
  const timer = new AbortController();
  const tooLong = new FieldlineError(
    'ASSET_TIMEOUT',
    `The download was not finished within ${DOWNLOAD_MS_MAX / 60_000} min`,
  );
  clock.sleep(DOWNLOAD_MS_MAX, timer.signal).then(
    () => deadline.abort(tooLong),
    () => undefined,
  );
  const policy = tools.policyOf(row.asset.feed);
  try {
    const download = await tools.openDownload(row.link ?? undefined, {
      bytesMax: config.limits.assetBytesMax,
      idleMsMax: config.limits.downloadIdleMsMax,
      redirectsMax: config.limits.redirectsMax,
      allowPrivateHosts: policy.allowPrivateHosts,
      allowedFolders: policy.allowedFolders,
      expectedKind: row.asset.kind,
      expectedMediaType: row.promisedMediaType ?? undefined,
      signal: AbortSignal.any([signal, deadline.signal]),
    });
    // The preview lies beside it.
    const fileName = download.fileName === PREVIEW_FILE_NAME ? `asset-${PREVIEW_FILE_NAME}` : download.fileName;
    const info = await store(context, download, assetPath(row._id, fileName));
    return { fileName, mediaType: download.mediaType, bytes: info.bytes, sha256: info.sha256 };
  } finally {
    timer.abort();
  }
}

/**
 * The source's own error is what counts: a volume that sees its upload break off knows only that it did. The stream in between keeps
 * the two apart.
 */
async function store(
  { ports, config, signal }: ServiceContext,
  download: AssetDownload,
  path: string,
): Promise<FileInfo> {
  const between = new PassThrough();
  let sourceError: unknown;
  download.stream.once('error', (error) => {
    sourceError = error;
  });
  const flow = pipeline(download.stream, between);
  try {
    const [info] = await Promise.all([
      ports.volumes.put(VOLUMES.assets, path, between, { signal, maxBytes: config.limits.assetBytesMax }),
      flow,
    ]);
    return info;
  } catch (error) {
    download.stream.destroy();
    await flow.catch(() => undefined);
    throw sourceError ?? error;
  }
}
