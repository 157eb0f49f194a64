import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRequestHeader, writeResponse } from '@/fabric/kafka/codec';
import { createDialer } from '../line/dialer';
import { KafkaConnection } from './connection';
import { FrameAssembler } from './frames';

const frame = (size: number, fill: number) => {
  const buffer = Buffer.alloc(4 + size, fill);
  buffer.writeInt32BE(size);
  return buffer;
};

describe('FrameAssembler', () => {
  it('finds the frames however the bytes are cut', () => {
    const stream = Buffer.concat([frame(10, 1), frame(0, 0), frame(3000, 2), frame(1, 3)]);
    for (const size of [1, 3, 7, 1000, stream.length]) {
      const assembler = new FrameAssembler();
      const frames: Buffer[] = [];
      for (let at = 0; at < stream.length; at += size)
        for (const { bytes } of assembler.push(stream.subarray(at, at + size))) frames.push(bytes);
      expect(frames.map((found) => found.length)).toEqual([10, 0, 3000, 1]);
      expect(frames[2]!.every((byte) => byte === 2)).toBe(true);
      expect(assembler.empty).toBe(true);
    }
  });

  it('holds no chunk of a frame that comes in many', () => {
    const stream = frame(3000, 2);
    const assembler = new FrameAssembler();
    const frames: Buffer[] = [];
    for (let at = 0; at < stream.length; at += 1000) {
      const chunk = Buffer.from(stream.subarray(at, at + 1000));
      for (const { bytes } of assembler.push(chunk)) frames.push(bytes);
      chunk.fill(9);
    }
    expect(frames.map((found) => found.every((byte) => byte === 2))).toEqual([true]);
  });

  it('refuses an impossible size', () => {
    expect(() => new FrameAssembler().push(Buffer.from('HTTP/1.1 400'))).toThrow('no Kafka broker');
    expect(() => new FrameAssembler().push(Buffer.from([0xff, 0xff, 0xff, 0xff]))).toThrow('no Kafka broker');
  });
});

describe('KafkaConnection', () => {
  let server: Server;
  let sockets: Socket[];
  let onRequest: (socket: Socket, correlationId: number) => void;
  let connection: KafkaConnection;

  beforeEach(async () => {
    sockets = [];
    server = createServer((socket) => {
      sockets.push(socket);
      const assembler = new FrameAssembler();
      socket.on('error', () => socket.destroy());
      socket.on('data', (chunk: Buffer) => {
        for (const { bytes } of assembler.push(chunk)) onRequest(socket, readRequestHeader(bytes).header.correlationId);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    connection = await KafkaConnection.open(createDialer(), { host: '127.0.0.1', port }, { clientId: 'test' });
  });
  afterEach(async () => {
    connection.close();
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });

  const answer = (id: number) =>
    Buffer.concat(
      writeResponse('InitProducerId', 1, id, { throttleTimeMs: 0, errorCode: 0, producerId: id, producerEpoch: 0 }),
    );
  const ask = (silenceMsMax?: number) =>
    connection.request('InitProducerId', 1, { transactionalId: null, transactionTimeoutMs: 1 }, silenceMsMax);

  it('gives each of several requests under way its answer', async () => {
    onRequest = (socket, id) => socket.write(answer(id));
    const answers = await Promise.all([ask(), ask(), ask()]);
    expect(answers.map((found) => found.producerId)).toEqual([1, 2, 3]);
  });

  it('has a large answer in a buffer that its user took, and says in which', async () => {
    const own = Buffer.alloc(4096);
    const { port } = server.address() as AddressInfo;
    const lane = await KafkaConnection.open(
      createDialer(),
      { host: '127.0.0.1', port },
      { clientId: 'test', takeBuffer: () => own },
    );
    onRequest = (socket, id) => {
      const bytes = answer(id);
      socket.write(bytes.subarray(0, 7));
      setTimeout(() => socket.write(bytes.subarray(7)), 20);
    };
    await lane.request('InitProducerId', 1, { transactionalId: null, transactionTimeoutMs: 1 });
    expect(lane.answerLiesIn === own).toBe(true);
    onRequest = (socket, id) => socket.write(answer(id));
    await lane.request('InitProducerId', 1, { transactionalId: null, transactionTimeoutMs: 1 });
    expect(lane.answerLiesIn).toBe(null);
    lane.close();
  });

  it('waits for an answer that comes slowly, for longer than the silence it allows', async () => {
    onRequest = async (socket, id) => {
      for (const byte of answer(id)) {
        socket.write(Buffer.of(byte));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    expect((await ask(250)).producerId).toBe(1);
  });

  it('gives a silent line up, and tells everybody who waits on it', async () => {
    onRequest = () => undefined;
    const waiting = [ask(50), ask(50), connection.lost];
    for (const result of await Promise.allSettled(waiting))
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'TIMEOUT' } });
    expect(connection.closed).toBe(true);
    await expect(ask()).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  it('closes on an answer to something else', async () => {
    onRequest = (socket, id) => socket.write(answer(id + 7));
    await expect(ask()).rejects.toMatchObject({ code: 'PROTOCOL' });
  });

  it('tells of a lost connection, asked for something or not', async () => {
    onRequest = (socket) => socket.destroy();
    await expect(ask()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(connection.lost).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
