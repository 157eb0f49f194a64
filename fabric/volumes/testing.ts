/** What the tests of this folder share: a fabric's volumes behind a real HTTP door, and a connection that can be cut. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { FieldlineError } from '@/lib/errors';
import { RestServer, sendJson } from '../http/router';
import type { Dialer, Upstream } from '../links/types';
import type { FabricLog } from '../logger';
import { registerFilesDoor } from './files-door';
import { openVolumes, type VolumeStore, type VolumeStoreOptions } from './store';
import type { Volume } from './volume';

export const silentLog: FabricLog = { info: () => undefined, warn: () => undefined, error: () => undefined };
export const sha256 = (content: Buffer | string) => createHash('sha256').update(content).digest('hex');
export const bytes = (count: number) => randomBytes(count);
export const putText = (volume: Volume, file: string, content: string) =>
  volume.put(file, Readable.from([Buffer.from(content)]));

export async function readText(volume: Volume, file: string): Promise<string | null> {
  const opened = await volume.open(file);
  return opened && text(opened.stream(0, opened.info.bytes - 1));
}

export async function temporaryDirectory(): Promise<{ directory: string; remove(): Promise<void> }> {
  const directory = await mkdtemp(path.join(tmpdir(), 'fieldline-volumes-'));
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}

/** A site: its volumes, its files door, and as much of its admin door as a mirror asks. */
export async function startSite({
  restoredAt = null,
  ...options
}: Omit<VolumeStoreOptions, 'log'> & { restoredAt?: number | null }) {
  const volumes = await openVolumes({ ...options, log: silentLog });
  const server = new RestServer();
  registerFilesDoor(server, volumes, restoredAt);
  server.on('GET', '/rest/volume/info', ({ query }, response) => {
    const volume = volumes.get(query.get('name') ?? '');
    if (volume) sendJson(response, 200, { status: 'OK', data: [{ mountdir: volume.record.path }] });
    else sendJson(response, 200, { status: 'ERROR', errors: [{ id: 2, desc: 'No such volume' }] });
  });
  const port = await server.listen('127.0.0.1', 0);
  return {
    volumes,
    port,
    url: `http://127.0.0.1:${port}`,
    async close() {
      await server.close();
      await volumes.close();
    },
  };
}

/** The way to HQ in a test: nothing is conditioned but by the proxy in between. */
export function directDialer(): Dialer {
  const agent = new Agent({ keepAlive: true });
  return {
    agent,
    dial: async () => {
      throw new FieldlineError('UNSUPPORTED', 'The mirror uses the agent only');
    },
    conditions: () => ({ cut: false, bytesPerSecond: null, latencyMs: 0 }),
    setConditions: () => undefined,
    traffic: () => ({ bytesIn: 0, bytesOut: 0, estimatedBytesPerSecond: null, provenBytesPerSecond: null }),
  };
}

export function upstreamAt(site: string, port: () => number): Upstream {
  return {
    configured: '127.0.0.1:0',
    lastSeenAt: null,
    resolve: async () => ({
      site,
      kafka: { host: '127.0.0.1', port: 1 },
      rest: { host: '127.0.0.1', port: port() },
    }),
  };
}

/** A TCP proxy whose connections end after so many bytes from the server, as `cutAfter` says for each new connection (null: never). */
export async function startCuttingProxy(target: number, cutAfter: () => number | null) {
  const sockets = new Set<net.Socket>();
  const proxy = {
    port: 0,
    cuts: 0,
    /** Bytes that came from the server. */
    bytesIn: 0,
    /** While true, connections are ended at once. */
    isDown: false,
    cutNow: () => {
      for (const socket of sockets) socket.destroy();
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        proxy.cutNow();
      }),
  };
  const server = net.createServer((client) => {
    if (proxy.isDown) {
      client.destroy();
      return;
    }
    const upstream = net.connect(target, '127.0.0.1');
    let left = cutAfter();
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => {
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    upstream.on('data', (chunk) => {
      proxy.bytesIn += chunk.length;
      if (left === null || chunk.length < left) {
        client.write(chunk);
        if (left !== null) left -= chunk.length;
        return;
      }
      proxy.cuts += 1;
      client.write(chunk.subarray(0, left), () => client.destroy());
      upstream.destroy();
    });
    upstream.on('end', () => client.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy.port = (server.address() as net.AddressInfo).port;
  return proxy;
}

/** All files of a volume with their contents' digests, for comparing two volumes. */
export async function contentsOf(volumes: VolumeStore, name: string): Promise<Record<string, string>> {
  const listed = await volumes.require(name).list({ limit: 100_000 });
  return Object.fromEntries(listed.map((file) => [file.path, file.sha256]));
}
