import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer, get } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { createDialer } from './dialer';

const servers: { close(callback: () => void): unknown }[] = [];
const sockets = new Set<Socket>();

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await Promise.all(servers.splice(0).map((server) => new Promise<void>((resolve) => server.close(resolve))));
});

async function listen(server: Server | ReturnType<typeof createHttpServer>): Promise<number> {
  servers.push(server);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const echo = () => listen(createServer((socket) => socket.pipe(socket)));

async function read(stream: Duplex, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
    total += (chunk as Buffer).length;
    if (total >= bytes) break;
  }
  return Buffer.concat(chunks);
}

const digest = (data: Buffer) => createHash('sha256').update(data).digest('hex');

describe('createDialer', () => {
  it.each([
    { name: 'an open link', conditions: { cut: false, bytesPerSecond: null, latencyMs: 0 }, bytes: 3_000_000 },
    { name: 'latency', conditions: { cut: false, bytesPerSecond: null, latencyMs: 5 }, bytes: 3_000_000 },
    { name: 'a limited rate', conditions: { cut: false, bytesPerSecond: 2_000_000, latencyMs: 0 }, bytes: 300_000 },
    { name: 'both', conditions: { cut: false, bytesPerSecond: 2_000_000, latencyMs: 5 }, bytes: 300_000 },
  ])('carries bytes unchanged over $name', async ({ conditions, bytes }) => {
    const dialer = createDialer();
    dialer.setConditions(conditions);
    const socket = await dialer.dial('127.0.0.1', await echo());
    const sent = randomBytes(bytes);
    socket.write(sent);
    expect(digest(await read(socket, bytes))).toBe(digest(sent));
    expect(dialer.traffic()).toMatchObject({ bytesIn: bytes, bytesOut: bytes });
  });

  it('delivers what was sent before an orderly end', async () => {
    const dialer = createDialer();
    dialer.setConditions({ cut: false, bytesPerSecond: 1_000_000, latencyMs: 3 });
    const server = createServer({ allowHalfOpen: true });
    const port = await listen(server);
    const finished = new Promise<number>((resolve) => {
      server.once('connection', (socket: Socket) => {
        let received = 0;
        socket.on('data', (chunk: Buffer) => {
          received += chunk.length;
        });
        socket.on('end', () => resolve(received));
      });
    });
    const socket = await dialer.dial('127.0.0.1', port);
    socket.end(Buffer.alloc(50_000, 1));
    expect(await finished).toBe(50_000);
  });

  it('brings an answer that the other side closes behind', async () => {
    const dialer = createDialer();
    dialer.setConditions({ cut: false, bytesPerSecond: 1_000_000, latencyMs: 3 });
    const port = await listen(createServer((socket) => socket.end(Buffer.alloc(70_000, 7))));
    const socket = await dialer.dial('127.0.0.1', port);
    expect((await read(socket, Number.POSITIVE_INFINITY)).length).toBe(70_000);
  });

  it('a cut closes what is open, refuses what is new, and ends', async () => {
    const dialer = createDialer();
    const port = await echo();
    const socket = await dialer.dial('127.0.0.1', port);
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    dialer.setConditions({ cut: true, bytesPerSecond: null, latencyMs: 0 });
    await closed;
    await expect(dialer.dial('127.0.0.1', port)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    dialer.setConditions({ cut: false, bytesPerSecond: null, latencyMs: 0 });
    const again = await dialer.dial('127.0.0.1', port);
    again.write('x');
    expect(await read(again, 1)).toEqual(Buffer.from('x'));
  });

  it('a cut while dialling refuses that dial', async () => {
    const dialer = createDialer();
    dialer.setConditions({ cut: false, bytesPerSecond: null, latencyMs: 20 });
    const dialling = dialer.dial('127.0.0.1', await echo());
    dialer.setConditions({ cut: true, bytesPerSecond: null, latencyMs: 20 });
    await expect(dialling).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('a reader that does not read holds the sender back', async () => {
    const dialer = createDialer();
    const sender: { socket?: Socket } = {};
    const port = await listen(
      createServer((socket) => {
        sender.socket = socket;
        socket.write(Buffer.alloc(32 * 1024 * 1024));
      }),
    );
    const socket = await dialer.dial('127.0.0.1', port);
    await once(socket, 'readable');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(socket.readableLength).toBeLessThan(1024 * 1024);
    expect(sender.socket!.writableLength).toBeGreaterThan(0);
    socket.destroy();
  });

  it('says why it can not reach a host', async () => {
    const dialer = createDialer();
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await expect(dialer.dial('127.0.0.1', port)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: `Can not reach 127.0.0.1:${port}: nothing listens there`,
    });
    await expect(dialer.dial('127.0.0.1', port, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
    });
  });

  it('serves node:http with kept connections, and a cut fails a request in flight', async () => {
    const dialer = createDialer();
    let connections = 0;
    const server = createHttpServer((request, response) => {
      if (request.url === '/hang') response.write('begins');
      else response.end('answer');
    });
    server.on('connection', () => connections++);
    const port = await listen(server);
    const fetchOnce = (path: string) =>
      new Promise<string>((resolve, reject) => {
        get({ host: '127.0.0.1', port, path, agent: dialer.agent }, (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => {
            text += chunk.toString();
            if (path === '/hang') dialer.setConditions({ cut: true, bytesPerSecond: null, latencyMs: 0 });
          });
          response.on('end', () => resolve(text));
          response.on('error', reject);
        }).on('error', reject);
      });
    expect(await fetchOnce('/')).toBe('answer');
    expect(await fetchOnce('/')).toBe('answer');
    expect(connections).toBe(1);
    await expect(fetchOnce('/hang')).rejects.toThrow();
    dialer.setConditions({ cut: false, bytesPerSecond: 100_000, latencyMs: 1 });
    expect(await fetchOnce('/')).toBe('answer');
    dialer.agent.destroy();
  });
});
