import { once } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseEndpoint, reachable } from './client/address';
import { createDialer } from './line/dialer';
import { Headquarters, makeDirectory } from './testing/sites';
import { createUpstream } from './upstream';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function listen(server: HttpServer | Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return (server.address() as AddressInfo).port;
}

const restDoor = (answer: () => unknown) =>
  listen(createHttpServer((_request, response) => response.end(JSON.stringify(answer()))));

function upstreamTo(gateways: () => string | null) {
  const listeners = new Set<() => void>();
  const dialer = createDialer();
  const upstream = createUpstream({
    dialer,
    gateways: {
      list: () => {
        const value = gateways();
        return value === null ? [] : [{ cluster: 'hq', gateways: value }];
      },
      onChange: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  });
  closing.push(async () => {
    upstream.close();
    dialer.agent.destroy();
  });
  return { upstream, dialer, changed: () => listeners.forEach((listener) => void listener()) };
}

describe('createUpstream', () => {
  it('finds both doors by the REST door', async () => {
    const port = await restDoor(() => ({
      data: [{ cluster: { name: 'hq' }, doors: { kafka: '127.0.0.1:5', rest: '127.0.0.1:6' } }],
    }));
    const { upstream } = upstreamTo(() => `127.0.0.1:${port}`);
    expect(upstream.lastSeenAt).toBeNull();
    expect(await upstream.resolve()).toMatchObject({
      site: 'hq',
      kafka: { host: '127.0.0.1', port: 5 },
      rest: { host: '127.0.0.1', port },
    });
    expect(upstream.configured).toBe(`127.0.0.1:${port}`);
    expect(upstream.lastSeenAt).not.toBeNull();
  });

  it('asks once for many who ask at the same time, and again after a change', async () => {
    let asked = 0;
    const port = await restDoor(() => {
      asked += 1;
      return { data: [{ cluster: { name: 'hq' }, doors: { kafka: '127.0.0.1:5', rest: '127.0.0.1:6' } }] };
    });
    const { upstream, changed } = upstreamTo(() => `127.0.0.1:${port}`);
    await Promise.all([upstream.resolve(), upstream.resolve()]);
    await upstream.resolve();
    expect(asked).toBe(1);
    changed();
    await upstream.resolve();
    expect(asked).toBe(2);
    // There is no other address that could do better.
    upstream.failed();
    await upstream.resolve();
    expect(asked).toBe(2);
  });

  it('goes on with another address where HQ has several and one does not serve', async () => {
    const asked = [0, 0];
    const doors = (place: number) => () => {
      asked[place]! += 1;
      return { data: [{ cluster: { name: 'hq' }, doors: { kafka: `127.0.0.1:${place + 1}`, rest: '127.0.0.1:9' } }] };
    };
    const gone = createServer();
    const port = await listen(gone);
    await new Promise<void>((resolve) => gone.close(() => resolve()));
    const [one, two] = [await restDoor(doors(0)), await restDoor(doors(1))];
    const { upstream } = upstreamTo(() => `127.0.0.1:${port} 127.0.0.1:${one}  127.0.0.1:${two}`);
    expect((await upstream.resolve()).kafka.port).toBe(1);
    upstream.failed();
    // The one that answered last is asked first.
    expect((await upstream.resolve()).kafka.port).toBe(1);
    expect(asked).toEqual([2, 0]);
    await closing.splice(1, 1)[0]!();
    upstream.failed();
    expect((await upstream.resolve()).kafka.port).toBe(2);
    expect(upstream.configured).toBe(`127.0.0.1:${port}`);
  });

  it('says that no upstream is set, that it is no address, that nobody is there, that it is something else', async () => {
    let gateways: string | null = null;
    const { upstream, dialer } = upstreamTo(() => gateways);
    await expect(upstream.resolve()).rejects.toMatchObject({ code: 'UNAVAILABLE', message: /not configured/ });
    gateways = 'no address';
    await expect(upstream.resolve()).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    const free = createServer();
    const port = await listen(free);
    await new Promise<void>((resolve) => free.close(() => resolve()));
    gateways = `127.0.0.1:${port}`;
    await expect(upstream.resolve()).rejects.toMatchObject({ code: 'UNAVAILABLE', message: /nothing listens/ });
    gateways = `127.0.0.1:${await listen(createHttpServer((_request, response) => response.end('<html>')))}`;
    await expect(upstream.resolve()).rejects.toMatchObject({ code: 'PROTOCOL', message: /no fabric/ });
    gateways = `127.0.0.1:${await restDoor(() => ({ data: [{ cluster: { name: 'x' } }] }))}`;
    await expect(upstream.resolve()).rejects.toMatchObject({
      code: 'PROTOCOL',
      message: /does not tell its Kafka door/,
    });
    dialer.setConditions({ cut: true, bytesPerSecond: null, latencyMs: 0 });
    await expect(upstream.resolve()).rejects.toMatchObject({ code: 'UNAVAILABLE', message: /cut/ });
    await expect(upstream.resolve(AbortSignal.abort())).rejects.toThrow();
  });

  it('takes a server of nothing for what it is', async () => {
    const port = await listen(createServer((socket) => socket.end('SSH-2.0-nothing\r\n')));
    const { upstream } = upstreamTo(() => `127.0.0.1:${port}`);
    await expect(upstream.resolve()).rejects.toMatchObject({ code: expect.stringMatching(/PROTOCOL|UNAVAILABLE/) });
  });
});

describe('by the Kafka door', () => {
  let directory: Awaited<ReturnType<typeof makeDirectory>>;
  beforeEach(async () => {
    directory = await makeDirectory();
  });
  afterEach(() => directory.remove());

  it("finds the REST door in the broker's configuration", async () => {
    const rest = await restDoor(() => ({
      data: [{ cluster: { name: 'core' }, doors: { kafka: '127.0.0.1:5', rest: '127.0.0.1:6' } }],
    }));
    const hq = await new Headquarters(directory.directory, `127.0.0.1:${rest}`).start();
    closing.push(() => hq.stop());
    const { upstream } = upstreamTo(() => hq.address);
    const address = await upstream.resolve();
    expect(address).toMatchObject({ site: 'core', rest: { host: '127.0.0.1', port: rest } });
    expect(`${address.kafka.host}:${address.kafka.port}`).toBe(hq.address);
  });

  it('does without a REST door', async () => {
    const hq = await new Headquarters(directory.directory).start();
    closing.push(() => hq.stop());
    const { upstream } = upstreamTo(() => hq.address);
    expect(await upstream.resolve()).toMatchObject({ site: 'hq', kafka: { host: '127.0.0.1' } });
  });
});

describe('addresses', () => {
  it.each([
    ['127.0.0.1', 'hq.example', 'hq.example'],
    ['localhost', '10.0.0.1', '10.0.0.1'],
    ['0.0.0.0', '127.0.0.1', '127.0.0.1'],
    ['::', '10.0.0.1', '10.0.0.1'],
    ['127.0.0.1', 'localhost', '127.0.0.1'],
    ['kafka.hq.example', '10.0.0.1', 'kafka.hq.example'],
  ])('%s advertised, reached at %s: %s', (advertised, configured, expected) => {
    expect(reachable({ host: advertised, port: 9 }, configured)).toEqual({ host: expected, port: 9 });
  });

  it('parses host:port', () => {
    expect(parseEndpoint('h:1')).toEqual({ host: 'h', port: 1 });
    expect(parseEndpoint('[::1]:9092')).toEqual({ host: '::1', port: 9092 });
    for (const wrong of ['h', 'h:0', 'h:70000', 'a:b:1', '', 'http://h:1']) expect(parseEndpoint(wrong)).toBeNull();
  });
});
