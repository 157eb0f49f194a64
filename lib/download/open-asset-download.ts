/** Opens the download of an asset's file: see types.ts for the contract. */
import { Readable } from 'node:stream';
import { decodeBody, isEncoded } from './decode';
import { badStatus, noLink, tooLarge } from './failures';
import { openFileLink } from './file-link';
import { dispositionFileName, safeFileName, urlFileName } from './file-name';
import { guardedGet } from './guarded-get';
import { measured, peek } from './measured';
import { plainMediaType, settleMediaType } from './media-type';
import { SNIFF_BYTES, sniffMediaType } from './sniff';
import type { AssetDownload, DownloadOptions, OpenAssetDownload } from './types';

/** An opened source, before its first byte was looked at. */
interface Opened {
  body: Readable;
  host: string;
  contentLength: number | null;
  declared: string | null;
  name: string;
}

export const openAssetDownload: OpenAssetDownload = async (link, options) => {
  if (!link) throw noLink('The feed gave no link to the file');
  const opened = link.startsWith('file:') ? await openFile(link, options) : await openHttp(link, options);
  try {
    return await inspect(opened, options);
  } catch (error) {
    opened.body.destroy();
    throw error;
  }
};

async function inspect(opened: Opened, options: DownloadOptions): Promise<AssetDownload> {
  const { body, host, contentLength } = opened;
  if (contentLength !== null && contentLength > options.bytesMax) throw tooLarge(options.bytesMax, contentLength);
  const source = measured(body, {
    host,
    bytesMax: options.bytesMax,
    idleMsMax: options.idleMsMax,
    signal: options.signal,
  });
  const { head, all } = await peek(source, SNIFF_BYTES);
  const mediaType = settleMediaType({
    sniffed: sniffMediaType(head.subarray(0, SNIFF_BYTES)),
    declared: opened.declared,
    promised: plainMediaType(options.expectedMediaType),
    kind: options.expectedKind,
    empty: head.length === 0,
  });
  const stream = Readable.from(all(), { objectMode: false });
  // A generator that was never started runs no `finally`; the connection is let go of all the same.
  stream.once('close', () => body.destroy());
  return { mediaType, fileName: safeFileName(opened.name, mediaType), contentLength, stream };
}

async function openFile(link: string, options: DownloadOptions): Promise<Opened> {
  const { body, bytes, name } = await openFileLink(new URL(link), options.allowedFolders, options.bytesMax);
  return { body, host: 'the folder', contentLength: bytes, declared: null, name };
}

async function openHttp(link: string, options: DownloadOptions): Promise<Opened> {
  const { url, status, headers, body } = await guardedGet(link, options);
  if (status !== 200) {
    body.destroy();
    throw badStatus(url, status);
  }
  const encoding = headers['content-encoding'];
  const length = Number(headers['content-length']);
  return {
    body: decodeBody(body, encoding),
    host: url.host,
    contentLength:
      isEncoded(encoding) || headers['content-length'] === undefined || !Number.isSafeInteger(length) ? null : length,
    declared: plainMediaType(headers['content-type']),
    name: dispositionFileName(headers['content-disposition']) ?? urlFileName(url),
  };
}
