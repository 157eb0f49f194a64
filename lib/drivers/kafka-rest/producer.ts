import { FieldlineError } from '@/lib/errors';
import type { ProduceRecord } from '@/lib/ports';
import type { KafkaRestClient } from './client';
import { wrap } from './envelope';

const REQUEST_BYTES_MAX = 1024 * 1024;
const REQUEST_RECORDS_MAX = 1_000;
/** Records that may wait for the proxy; callers that await their produce never come near. */
const QUEUED_BYTES_MAX = 64 * 1024 * 1024;

interface WireRecord {
  key: string;
  value: string;
}
interface Call {
  records: WireRecord[];
  bytes: number;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** Produces to one topic, one request at a time, in order: calls that come while one is under way go into the next together. */
export class TopicProducer {
  #calls: Call[] = [];
  #queuedBytes = 0;
  #sending = false;

  constructor(
    private readonly client: KafkaRestClient,
    private readonly topic: string,
  ) {}

  send(records: readonly ProduceRecord[]): Promise<void> {
    if (records.length === 0) return Promise.resolve();
    const now = Date.now();
    const wire = records.map((record) => ({
      key: Buffer.from(record.key).toString('base64'),
      value: wrap(record, now),
    }));
    const bytes = wire.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
    if (this.#queuedBytes + bytes > QUEUED_BYTES_MAX)
      return Promise.reject(new FieldlineError('UNAVAILABLE', `Too many records wait to be written to ${this.topic}`));
    this.#queuedBytes += bytes;
    return new Promise((resolve, reject) => {
      this.#calls.push({ records: wire, bytes, resolve, reject });
      if (!this.#sending) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#sending = true;
    while (this.#calls.length > 0) {
      const calls = this.#takeCalls();
      try {
        for (const records of requestsOf(calls.flatMap((call) => call.records)))
          await this.client.produce(this.topic, records);
        for (const call of calls) call.resolve();
      } catch (error) {
        for (const call of calls) call.reject(error);
      }
      for (const call of calls) this.#queuedBytes -= call.bytes;
    }
    this.#sending = false;
  }

  /** Whole calls up to about one request; a larger one comes alone. */
  #takeCalls(): Call[] {
    let bytes = 0;
    let records = 0;
    const fits = (call: Call) => {
      bytes += call.bytes;
      records += call.records.length;
      return bytes <= REQUEST_BYTES_MAX && records <= REQUEST_RECORDS_MAX;
    };
    const end = this.#calls.findIndex((call, index) => !fits(call) && index > 0);
    return this.#calls.splice(0, end === -1 ? this.#calls.length : end);
  }
}

function requestsOf(records: readonly WireRecord[]): WireRecord[][] {
  const requests: WireRecord[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const record of records) {
    const size = record.key.length + record.value.length;
    if (bytes + size > REQUEST_BYTES_MAX || requests.at(-1)!.length >= REQUEST_RECORDS_MAX) {
      requests.push([]);
      bytes = 0;
    }
    requests.at(-1)!.push(record);
    bytes += size;
  }
  return requests;
}
