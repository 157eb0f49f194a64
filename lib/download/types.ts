/**
 * Safe downloads of files whose addresses strangers chose.
 *
 * Not in it: retries and backoff (the downloader service), digests (the volume computes them), storage.
 */
import type { Readable } from 'node:stream';
import type { ASSET_KINDS } from '@/lib/domain/asset';

export type AssetKind = (typeof ASSET_KINDS)[number];

export interface DownloadOptions {
  /** More bytes than this, announced or counted, fail with ASSET_TOO_LARGE. */
  readonly bytesMax: number;
  /** Next to nothing for this long fails with ASSET_TIMEOUT; also bounds the time from a request to its answer, at every redirect. */
  readonly idleMsMax: number;
  /** Redirects followed before the download fails with ASSET_HTTP_STATUS. */
  readonly redirectsMax: number;
  /** `host` or `host:port` that may resolve to a loopback, link-local or private address; every other fails with ASSET_ADDRESS_REFUSED. */
  readonly allowPrivateHosts: readonly string[];
  /** `file:` links are read from below these directories (after links are resolved) only; absolute paths. */
  readonly allowedFolders: readonly string[];
  /** What the feed promises; the first bytes must agree, or the download fails with ASSET_WRONG_TYPE. */
  readonly expectedKind: AssetKind;
  /** The exact type that the feed promises, if any. A wrong subtype is corrected, not refused. */
  readonly expectedMediaType?: string | undefined;
  readonly signal: AbortSignal;
}

export interface AssetDownload {
  /** From the first bytes; from the server or the feed where the bytes do not say more. */
  readonly mediaType: string;
  /** One path segment, safe on every file system, with an extension that fits the type; 1 to 120 bytes of UTF-8. */
  readonly fileName: string;
  /** Null where the source did not say, or sends it compressed. */
  readonly contentLength: number | null;
  /**
   * The file. Read it to its end, or destroy it: an open download holds a connection until then.
   * Fails with a FieldlineError (ASSET_*), or with the signal's reason.
   */
  readonly stream: Readable;
}

/**
 * Opens a download: resolves once the first bytes came and are of the right kind.
 * Fails with ASSET_NO_LINK, ASSET_ADDRESS_REFUSED, ASSET_HTTP_STATUS, ASSET_UNREACHABLE, ASSET_TIMEOUT, ASSET_TOO_LARGE, ASSET_WRONG_TYPE,
 * or the signal's reason.
 */
export type OpenAssetDownload = (link: string | undefined, options: DownloadOptions) => Promise<AssetDownload>;
