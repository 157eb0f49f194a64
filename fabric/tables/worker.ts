/**
 * The threads of the tables: bundled by itself (dist/fabric-tables-worker.js), started by store.ts twice, as the writer and as the reader.
 * The writer takes everything that has arrived while the last transaction was being fsynced into the next one.
 */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { FieldlineError } from '@/lib/errors';
import { databaseError } from './engine/database';
import { Reader } from './engine/reader';
import { Writer } from './engine/writer';
import type { EngineData, FindPortion, FromEngine, ReaderOp, Reply, Request, ToEngine, WriterOp } from './protocol';

/** Operations in one transaction; more would make the first of them wait long. */
const BATCH_OPS_MAX = 512;
/** Text of the operations in one transaction, which also bounds the log between two checkpoints. */
const BATCH_CHARACTERS_MAX = 32 * 1024 * 1024;

const failure = (id: number, error: FieldlineError): Reply => ({
  id,
  error: { code: error.code, message: error.message, remedy: error.remedy },
});

function main(port: MessagePort, data: EngineData): void {
  const send = (message: FromEngine, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
  try {
    if (data.role === 'writer') runWriter(port, new Writer(data.file, data.bytesMax), send);
    else runReader(port, new Reader(data.file), send);
  } catch (error) {
    const { code, message, remedy } = databaseError(error);
    send({ failed: { code, message, remedy } });
    port.close();
  }
}

type Send = (message: FromEngine, transfer?: ArrayBuffer[]) => void;

function runWriter(port: MessagePort, writer: Writer, send: Send): void {
  const queue: Request[] = [];
  let closing = false;
  const take = (message: ToEngine) => {
    if ('close' in message) closing = true;
    else queue.push(...message.requests);
  };
  port.on('message', (message: ToEngine) => {
    take(message);
    while (queue.length > 0) {
      for (let more = receiveMessageOnPort(port); more; more = receiveMessageOnPort(port))
        take(more.message as ToEngine);
      const batch = nextBatch(queue);
      const outcomes = writer.execute(batch.map((request) => request.op as WriterOp));
      const replies = outcomes.map((outcome, index): Reply => {
        const { id } = batch[index]!;
        return 'error' in outcome ? failure(id, outcome.error) : { id, result: outcome.result };
      });
      send({ replies });
    }
    if (!closing) return;
    writer.close();
    port.close();
  });
  send({ ready: Object.fromEntries(writer.catalog()) });
}

/** Takes operations from the queue's front for one transaction, at least one. */
function nextBatch(queue: Request[]): Request[] {
  let characters = 0;
  let count = 0;
  while (count < Math.min(queue.length, BATCH_OPS_MAX)) {
    const { op } = queue[count]!;
    characters += 'body' in op ? op.body.length : 0;
    if (count > 0 && characters > BATCH_CHARACTERS_MAX) break;
    count++;
  }
  return queue.splice(0, count);
}

function runReader(port: MessagePort, reader: Reader, send: Send): void {
  port.on('message', (message: ToEngine) => {
    if ('close' in message) {
      reader.close();
      port.close();
      return;
    }
    for (const { id, op } of message.requests) {
      try {
        const result = read(reader, op as ReaderOp);
        const chunks = (result as Partial<FindPortion> | null)?.chunks ?? [];
        send(
          { replies: [{ id, result }] },
          chunks.map(({ bytes }) => bytes.buffer as ArrayBuffer),
        );
      } catch (error) {
        send({ replies: [failure(id, databaseError(error))] });
      }
    }
  });
  send({ ready: {} });
}

function read(reader: Reader, op: ReaderOp): unknown {
  switch (op.kind) {
    case 'find':
      return reader.find(op.table, op.parameters, op.resume);
    case 'count':
      return reader.count(op.table, op.parameters);
    case 'plan':
      return reader.plan(op.table, op.parameters);
    case 'info':
      return reader.info(op.table);
  }
}

if (parentPort) main(parentPort, workerData as EngineData);
