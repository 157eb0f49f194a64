import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { request } from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { selectRange } from './byte-range';
import { bytes, sha256, startSite, temporaryDirectory } from './testing';

let root: Awaited<ReturnType<typeof temporaryDirectory>>;
let site: Awaited<ReturnType<typeof startSite>>;
beforeEach(async () => {
  root = await temporaryDirectory();
  site = await startSite({ directory: root.directory, siteId: 'hq' });
  await site.volumes.create({ name: 'v', path: '/m/v' });
});
afterEach(async () => {
  await site.close();
  await root.remove();
});

const url = (path: string) => `${site.url}/files${path}`;
const put = (path: string, body: Buffer | string, headers: Record<string, string> = {}) =>
  fetch(url(path), { method: 'PUT', body: new Uint8Array(Buffer.from(body)), headers });

/** Sends the path as it is: fetch would tidy `..` away before the server sees it. */
function raw(method: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: site.port, method, path }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('the files door', () => {
  it('takes, serves, describes and removes a file', async () => {
    const content = bytes(200_000);
    const created = await put('/m/v/a/b%20c.jpg', content);
    expect(created.status).toBe(201);
    expect(await created.json()).toMatchObject({ path: 'a/b c.jpg', bytes: 200_000, sha256: sha256(content) });
    expect((await put('/m/v/a/b%20c.jpg', content)).status).toBe(200);

    const got = await fetch(url('/m/v/a/b%20c.jpg'));
    expect(got.status).toBe(200);
    expect(Object.fromEntries(got.headers)).toMatchObject({
      etag: `"${sha256(content)}"`,
      'x-fieldline-sha256': sha256(content),
      'repr-digest': `sha-256=:${Buffer.from(sha256(content), 'hex').toString('base64')}:`,
      'content-type': 'image/jpeg',
      'content-length': '200000',
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
    });
    expect(Buffer.from(await got.arrayBuffer()).equals(content)).toBe(true);
    const head = await fetch(url('/m/v/a/b%20c.jpg'), { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '200000']);

    expect((await fetch(url('/m/v/a/b%20c.jpg'), { method: 'DELETE' })).status).toBe(204);
    expect((await fetch(url('/m/v/a/b%20c.jpg'))).status).toBe(404);
    expect((await fetch(url('/m/v/a/b%20c.jpg'), { method: 'DELETE' })).status).toBe(404);
  });

  it('serves ranges, of the version that was asked for only', async () => {
    await put('/m/v/f', '0123456789');
    const etag = `"${sha256('0123456789')}"`;
    const get = async (headers: Record<string, string>) => {
      const response = await fetch(url('/m/v/f'), { headers });
      return [response.status, response.headers.get('content-range'), await response.text()];
    };
    expect(await get({ range: 'bytes=2-4' })).toEqual([206, 'bytes 2-4/10', '234']);
    expect(await get({ range: 'bytes=7-' })).toEqual([206, 'bytes 7-9/10', '789']);
    expect(await get({ range: 'bytes=-3', 'if-range': etag })).toEqual([206, 'bytes 7-9/10', '789']);
    expect(await get({ range: 'bytes=2-4', 'if-range': '"another"' })).toEqual([200, null, '0123456789']);
    expect(await get({ range: 'bytes=10-' })).toEqual([416, 'bytes */10', '']);
    expect(await get({ range: 'bytes=0-1,3-4' })).toEqual([200, null, '0123456789']);
    expect(await get({ 'if-none-match': etag })).toEqual([304, null, '']);
  });

  it('refuses what arrives with another digest', async () => {
    expect((await put('/m/v/f', 'abc', { 'x-content-sha256': sha256('abd') })).status).toBe(422);
    expect((await put('/m/v/f', 'abc', { 'x-content-sha256': 'nonsense' })).status).toBe(400);
    expect((await fetch(url('/m/v/f'))).status).toBe(404);
    expect((await put('/m/v/f', 'abc', { 'x-content-sha256': sha256('abc').toUpperCase() })).status).toBe(201);
  });

  it('shows nothing of an upload whose connection is cut', async () => {
    const socket = net.connect(site.port, '127.0.0.1');
    socket.write('PUT /files/m/v/cut HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n');
    socket.write(bytes(300_000));
    await once(socket, 'drain');
    socket.destroy();
    await put('/m/v/other', 'x');
    const volume = site.volumes.require('v');
    await vi.waitFor(async () => expect(await readdir(path.join(root.directory, 'v', 'incoming'))).toEqual([]));
    expect((await fetch(url('/m/v/cut'))).status).toBe(404);
    expect((await volume.list({ limit: 10 })).map((file) => file.path)).toEqual(['other']);
  });

  it('copies on the server', async () => {
    await site.volumes.create({ name: 'w', path: '/m/w' });
    await put('/m/v/a b', 'content');
    const copied = await fetch(`${url('/m/w/deep/copy')}?copyFrom=${encodeURIComponent('/m/v/a b')}`, {
      method: 'PUT',
    });
    expect(copied.status).toBe(201);
    expect(await copied.json()).toMatchObject({ path: 'deep/copy', sha256: sha256('content') });
    expect(await (await fetch(url('/m/w/deep/copy'))).text()).toBe('content');
    expect((await fetch(`${url('/m/w/x')}?copyFrom=/m/v/none`, { method: 'PUT' })).status).toBe(404);
  });

  it('lists in pages', async () => {
    for (const name of ['a/1', 'a/2', 'a/b/3', 'c']) await put(`/m/v/${name}`, name);
    const list = async (path: string, query: string) => (await fetch(`${url(path)}?list=json&${query}`)).json();
    const first = (await list('/m/v/', 'recursive=true&limit=3')) as { entries: { path: string }[]; next: string };
    expect(first.entries.map((entry) => entry.path)).toEqual(['a/1', 'a/2', 'a/b/3']);
    expect(await list('/m/v/', `recursive=true&limit=3&after=${first.next}`)).toMatchObject({
      entries: [{ path: 'c', bytes: 1, sha256: sha256('c') }],
      next: null,
    });
    expect(await list('/m/v/a/', '')).toMatchObject({
      entries: [{ path: '1', type: 'file' }, { path: '2' }, { path: 'b/', type: 'directory' }],
    });
    expect((await fetch(`${url('/m/v/none/')}?list=json`)).status).toBe(404);
    expect((await fetch(`${url('/m/v/')}?list=json&limit=x`)).status).toBe(400);
  });

  it('makes and removes directories', async () => {
    expect((await fetch(url('/m/v/d/e/'), { method: 'POST' })).status).toBe(201);
    expect(await (await fetch(`${url('/m/v/d/e/')}?list=json`)).json()).toEqual({ entries: [], next: null });
    expect((await fetch(url('/m/v/d/'), { method: 'DELETE' })).status).toBe(409);
    expect((await fetch(url('/m/v/d/e/'), { method: 'DELETE' })).status).toBe(204);
    expect((await fetch(url('/m/v/d/e/'), { method: 'DELETE' })).status).toBe(404);
  });

  it('never leaves a volume, whatever the path', async () => {
    await site.volumes.create({ name: 'w', path: '/m/w' });
    await put('/m/w/secret', 'x');
    for (const target of [
      '/files/m/v/../w/secret',
      '/files/m/v/%2e%2e/w/secret',
      '/files/m/v/..%2fw%2fsecret',
      '/files/m/v/a%00b',
      '/files/m/v/a%5c..%5cb',
      '/files/m/v//etc/passwd',
      `/files/m/v/${'x'.repeat(300)}`,
    ]) {
      expect(await raw('GET', target), target).toBe(400);
      expect(await raw('PUT', target), target).toBe(400);
      expect(await raw('DELETE', target), target).toBe(400);
    }
    expect(await raw('GET', '/files/m/v/%ff')).toBe(404);
    expect(await raw('GET', '/files/nowhere/x')).toBe(404);
    expect(await raw('PUT', '/files/m/v/')).toBe(400);
    expect(await raw('DELETE', '/files/m/v/')).toBe(400);
    expect(await (await fetch(url('/m/w/secret'))).text()).toBe('x');
  });

  it('outlives request targets that are no paths', async () => {
    const answers: string[] = [];
    for (const target of [
      'http://[/files/m/v/f',
      'http://[::1/files/m/v/f',
      '//[/files/m/v/f',
      '*',
      'files',
      '/files/%',
    ]) {
      const socket = net.connect(site.port, '127.0.0.1');
      socket.end(`GET ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
      let answer = '';
      for await (const chunk of socket) answer += String(chunk);
      answers.push(answer.slice(9, 12));
    }
    expect(
      answers.every((status) => /^4\d\d$/.test(status)),
      answers.join(),
    ).toBe(true);
    expect((await put('/m/v/f', 'alive')).status).toBe(201);
  });

  it('refuses writes to a mirror', async () => {
    await site.volumes.create({ name: 'mirror', type: 'mirror', source: { volume: 'v', cluster: 'hq' } });
    expect((await put('/mirror/f', 'x')).status).toBe(403);
    expect((await fetch(url('/mirror/f'), { method: 'DELETE' })).status).toBe(403);
    expect((await fetch(url('/mirror/d/'), { method: 'POST' })).status).toBe(403);
  });
});

describe('selectRange', () => {
  it.each([
    [undefined, 10, { kind: 'all' }],
    ['bytes=0-0', 10, { kind: 'range', start: 0, end: 0 }],
    ['bytes=5-99', 10, { kind: 'range', start: 5, end: 9 }],
    ['bytes=-99', 10, { kind: 'range', start: 0, end: 9 }],
    ['bytes=-0', 10, { kind: 'unsatisfiable' }],
    ['bytes=0-', 0, { kind: 'unsatisfiable' }],
    ['bytes=5-4', 10, { kind: 'all' }],
    ['bytes=-', 10, { kind: 'all' }],
    ['pages=1-2', 10, { kind: 'all' }],
  ])('%s of %i bytes', (header, size, expected) => {
    expect(selectRange(header, size)).toEqual(expected);
  });
});
