import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ErrorCode, type FieldlineError, isFieldlineError } from '@/lib/errors';
import { openAssetDownload } from './open-asset-download';
import { startTestServer, type TestServer } from './testing/bad-server';
import type { DownloadOptions } from './types';

const PNG = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), randomBytes(50_000)]);
const MIB = 1024 * 1024;
const routes: Record<string, (response: ServerResponse) => void> = {
  '/ok.png': (r) => r.writeHead(200, { 'content-type': 'image/png', 'content-length': PNG.length }).end(PNG),
  '/chunked.png': (r) => r.writeHead(200, { 'content-type': 'application/octet-stream' }).end(PNG),
  '/gone.png': (r) => r.writeHead(404).end('no'),
  '/broken.png': (r) => r.writeHead(503).end('no'),
  '/signin.png': (r) =>
    r
      .writeHead(200, { 'content-type': 'image/png' })
      .end('\n<!-- x --><!DOCTYPE html><html><title>Sign in</title></html>'),
  '/text.png': (r) => r.writeHead(200, { 'content-type': 'image/png' }).end('just words'),
  '/empty.png': (r) => r.writeHead(200, { 'content-length': 0 }).end(),
  '/announced.png': (r) => r.writeHead(200, { 'content-length': 10 * MIB }).write(PNG),
  '/endless.png': (r) => {
    r.writeHead(200);
    r.write(PNG);
    const more = () => {
      while (!r.destroyed && r.write(Buffer.alloc(64 * 1024)));
    };
    r.on('drain', more);
    more();
  },
  '/hang': () => undefined,
  '/stall.png': (r) => r.writeHead(200, { 'content-length': 2 * MIB }).write(PNG),
  '/drip.png': (r) => {
    r.writeHead(200, { 'content-length': 2 * MIB }).write(PNG);
    const timer = setInterval(() => r.write('x'), 20);
    r.once('close', () => clearInterval(timer));
  },
  '/loop': (r) => r.writeHead(302, { location: '/loop' }).end(),
  '/once': (r) => r.writeHead(302, { location: '/ok.png' }).end(),
  '/to-file': (r) => r.writeHead(302, { location: 'file:///etc/hosts' }).end(),
  '/to-credentials': (r) => r.writeHead(302, { location: 'http://me:secret@example.org/x.png' }).end(),
  '/to-metadata': (r) => r.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
  '/truncated.png': (r) => {
    r.writeHead(200, { 'content-length': 2 * MIB }).write(PNG, () => r.destroy());
  },
  '/gzip.png': (r) => r.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(PNG)),
  '/br.png': (r) => r.writeHead(200, { 'content-encoding': 'br' }).end(brotliCompressSync(PNG)),
  '/bomb.png': (r) =>
    r.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.concat([PNG, Buffer.alloc(40 * MIB)]))),
  '/half-gzip.png': (r) => r.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(PNG).subarray(0, 20_000)),
  '/odd.png': (r) => r.writeHead(200, { 'content-encoding': 'zebra' }).end(PNG),
  '/named': (r) =>
    r
      .writeHead(200, {
        'content-disposition': Buffer.from('attachment; filename="../../etc/pass\u202ewd.png"').toString('latin1'),
      })
      .end(PNG),
};

let server: TestServer;
/** Reached only by redirects from the first: not on any allow list. */
let inner: TestServer;
let folder: string;
beforeAll(async () => {
  inner = await startTestServer((_, response) => response.end(PNG));
  server = await startTestServer((request, response) => {
    if (request.url === '/to-loopback') return void response.writeHead(302, { location: `${inner.url}/x.png` }).end();
    if (request.url === '/to-name')
      return void response.writeHead(302, { location: `http://localhost:${inner.port}/x.png` }).end();
    routes[request.url ?? '']?.(response);
  });
  folder = await mkdtemp(path.join(tmpdir(), 'download-'));
});
afterAll(async () => {
  await Promise.all([server.close(), inner.close()]);
  await rm(folder, { recursive: true });
});

const options = (changes: Partial<DownloadOptions> = {}): DownloadOptions => ({
  bytesMax: MIB,
  idleMsMax: 2_000,
  redirectsMax: 3,
  allowPrivateHosts: [server.host],
  allowedFolders: [],
  expectedKind: 'image',
  signal: new AbortController().signal,
  ...changes,
});

/** Opens and reads to the end; the error of either. */
async function failure(link: string | undefined, changes: Partial<DownloadOptions> = {}): Promise<FieldlineError> {
  try {
    const download = await openAssetDownload(link, options(changes));
    await buffer(download.stream);
  } catch (error) {
    if (isFieldlineError(error)) return error;
    throw error;
  }
  throw new Error('the download was expected to fail');
}

describe('a download that works', () => {
  it('gives the bytes, their type by content, the size and a safe name', async () => {
    const download = await openAssetDownload(`${server.url}/ok.png`, options());
    expect(download).toMatchObject({ mediaType: 'image/png', fileName: 'ok.png', contentLength: PNG.length });
    expect(await buffer(download.stream)).toEqual(PNG);
  });

  it('takes a file of unannounced size up to the limit', async () => {
    const download = await openAssetDownload(`${server.url}/chunked.png`, options({ bytesMax: PNG.length }));
    expect(download.contentLength).toBeNull();
    expect(await buffer(download.stream)).toEqual(PNG);
  });

  it('follows a redirect and names the file by where it ended', async () => {
    const download = await openAssetDownload(`${server.url}/once`, options());
    expect(download.fileName).toBe('ok.png');
    expect(await buffer(download.stream)).toEqual(PNG);
  });

  it.each(['/gzip.png', '/br.png'])('decodes what a server compresses unasked: %s', async (route) => {
    const download = await openAssetDownload(`${server.url}${route}`, options());
    expect(download.contentLength).toBeNull();
    expect(await buffer(download.stream)).toEqual(PNG);
  });

  it('strips paths and invisible characters from the name that the server gives', async () => {
    const download = await openAssetDownload(`${server.url}/named`, options());
    expect(download.fileName).toBe('passwd.png');
    download.stream.destroy();
  });

  it('waits for a slow reader without calling the source slow', async () => {
    const download = await openAssetDownload(`${server.url}/ok.png`, options({ idleMsMax: 150 }));
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await buffer(download.stream)).toEqual(PNG);
  });

  it('lets go of the connection when the reader does', async () => {
    const own = await startTestServer((_, response) => routes['/stall.png']!(response));
    const download = await openAssetDownload(
      `${own.url}/x`,
      options({ allowPrivateHosts: [own.host], bytesMax: 4 * MIB }),
    );
    expect(await own.connections()).toBe(1);
    download.stream.destroy();
    await expect.poll(() => own.connections()).toBe(0);
    await own.close();
  });
});

describe('a download that fails', () => {
  const cases: [string, ErrorCode, RegExp, Partial<DownloadOptions>?][] = [
    ['/gone.png', 'ASSET_HTTP_STATUS', /404: the file is not there/],
    ['/broken.png', 'ASSET_HTTP_STATUS', /503/],
    ['/signin.png', 'ASSET_WRONG_TYPE', /promises an image, but what came is a web page \(HTML\)/],
    ['/text.png', 'ASSET_WRONG_TYPE', /of type text\/plain/],
    ['/ok.png', 'ASSET_WRONG_TYPE', /promises a video, but what came is of type image\/png/, { expectedKind: 'video' }],
    ['/empty.png', 'ASSET_WRONG_TYPE', /empty/],
    ['/announced.png', 'ASSET_TOO_LARGE', /has 10\.5 MB, which is more than the limit of 1\.05 MB/],
    ['/endless.png', 'ASSET_TOO_LARGE', /more than the limit/],
    ['/bomb.png', 'ASSET_TOO_LARGE', /more than the limit/],
    ['/hang', 'ASSET_TIMEOUT', /sent nothing for 0\.3 s/, { idleMsMax: 300 }],
    ['/stall.png', 'ASSET_TIMEOUT', /next to nothing for 0\.3 s, after/, { idleMsMax: 300, bytesMax: 4 * MIB }],
    ['/drip.png', 'ASSET_TIMEOUT', /next to nothing for 0\.3 s, after/, { idleMsMax: 300, bytesMax: 4 * MIB }],
    ['/truncated.png', 'ASSET_UNREACHABLE', /broke off the connection/, { bytesMax: 4 * MIB }],
    ['/half-gzip.png', 'ASSET_UNREACHABLE', /broke off before the end/],
    ['/odd.png', 'ASSET_WRONG_TYPE', /zebra/],
    ['/loop', 'ASSET_HTTP_STATUS', /redirects more than 3 times/],
    ['/once', 'ASSET_HTTP_STATUS', /redirects more than 0 times/, { redirectsMax: 0 }],
    ['/to-file', 'ASSET_ADDRESS_REFUSED', /redirect leads to a file: address/],
    ['/to-credentials', 'ASSET_ADDRESS_REFUSED', /user name or password/],
    ['/to-metadata', 'ASSET_ADDRESS_REFUSED', /169\.254\.169\.254/],
    ['/to-loopback', 'ASSET_ADDRESS_REFUSED', /not an address of the internet/],
    ['/to-name', 'ASSET_ADDRESS_REFUSED', /localhost:\d+ resolves to an address that is not of the internet/],
  ];
  it.each(cases)('%s: %s', async (route, code, message, changes) => {
    const error = await failure(`${server.url}${route}`, changes);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('secret');
  });

  it('never asks a server that it may not reach', () => {
    expect(inner.requests).toEqual([]);
  });

  it.each([
    [undefined, 'ASSET_NO_LINK'],
    ['not an address', 'ASSET_NO_LINK'],
    ['ftp://example.org/a.png', 'ASSET_ADDRESS_REFUSED'],
    ['data:image/png;base64,AAAA', 'ASSET_ADDRESS_REFUSED'],
    ['http://me:secret@example.org/a.png', 'ASSET_ADDRESS_REFUSED'],
    ['http://2130706433/a.png', 'ASSET_ADDRESS_REFUSED'],
    ['http://[::ffff:127.0.0.1]/a.png', 'ASSET_ADDRESS_REFUSED'],
    ['http://localhost/a.png', 'ASSET_ADDRESS_REFUSED'],
    ['file:///etc/hosts', 'ASSET_ADDRESS_REFUSED'],
  ])('refuses the link %s', async (link, code) => {
    const error = await failure(link);
    expect(error.code).toBe(code);
    expect(error.message).not.toContain('secret');
  });

  it('names a setting only where one helps', async () => {
    expect((await failure('http://10.1.2.3/a.png')).remedy).toMatch(/allowPrivateHosts/);
    expect((await failure('http://localhost/a.png')).remedy).toMatch(/allowPrivateHosts/);
    for (const link of ['ftp://example.org/a.png', 'http://me:secret@example.org/a.png', 'file:///etc/hosts'])
      expect((await failure(link)).remedy).toBeUndefined();
  });

  it('says that a connection was refused', async () => {
    const closed = await startTestServer(() => undefined);
    await closed.close();
    const error = await failure(`${closed.url}/a.png`, { allowPrivateHosts: ['127.0.0.1'] });
    expect(error.code).toBe('ASSET_UNREACHABLE');
    expect(error.message).toMatch(/refused the connection/);
    expect(error.retriable).toBe(true);
  });

  it('tells a passing fault from a lasting one', async () => {
    expect((await failure(`${server.url}/gone.png`)).retriable).toBe(false);
    expect((await failure(`${server.url}/broken.png`)).retriable).toBe(true);
  });

  it.each(['/hang', '/stall.png'])('ends at once with the reason of an aborted signal: %s', async (route) => {
    const abort = new AbortController();
    const reason = new Error('stopped');
    const reading = openAssetDownload(
      `${server.url}${route}`,
      options({ signal: abort.signal, bytesMax: 4 * MIB }),
    ).then((download) => buffer(download.stream));
    setTimeout(() => abort.abort(reason), 50);
    await expect(reading).rejects.toBe(reason);
  });
});

describe('file links', () => {
  const link = (...segments: string[]) => pathToFileURL(path.join(folder, ...segments)).href;
  beforeAll(async () => {
    await mkdir(path.join(folder, 'in'));
    await writeFile(path.join(folder, 'in', 'map one.png'), PNG);
    await writeFile(path.join(folder, 'outside.png'), PNG);
    await symlink(path.join(folder, 'outside.png'), path.join(folder, 'in', 'way-out.png'));
    await mkdir(path.join(folder, 'in', 'directory.png'));
  });
  const inFolder = () => ({ allowedFolders: [path.join(folder, 'in')] });

  it('reads a file of the folder', async () => {
    const download = await openAssetDownload(link('in', 'map one.png'), options(inFolder()));
    expect(download).toMatchObject({ mediaType: 'image/png', fileName: 'map one.png', contentLength: PNG.length });
    expect(await buffer(download.stream)).toEqual(PNG);
  });

  it.each([
    [['outside.png'], 'ASSET_ADDRESS_REFUSED'],
    [['in', '..', 'outside.png'], 'ASSET_ADDRESS_REFUSED'],
    [['in', 'way-out.png'], 'ASSET_ADDRESS_REFUSED'],
    [['in', 'directory.png'], 'ASSET_ADDRESS_REFUSED'],
    [['in', 'gone.png'], 'ASSET_UNREACHABLE'],
  ])('%j fails with %s', async (segments, code) => {
    expect((await failure(link(...segments), inFolder())).code).toBe(code);
  });

  it('keeps to the size limit', async () => {
    expect((await failure(link('in', 'map one.png'), { ...inFolder(), bytesMax: 10 })).code).toBe('ASSET_TOO_LARGE');
  });
});
