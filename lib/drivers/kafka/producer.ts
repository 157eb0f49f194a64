import { CompressionTypes, type Message, type Producer } from 'kafkajs';
import { FieldlineError } from '@/lib/errors';
import type { ProduceRecord } from '@/lib/ports';
import { kafkaFailure } from './errors';

export interface BatchLimits {
  /** Of the records in one request, before compression. */
  bytesMax: number;
  recordsMax: number;
  gzip: boolean;
}
/** Local: large batches, no time lost on compression; below Apache Kafka's default of `message.max.bytes`, 1048588 with the batch's header. */
export const LOCAL_BATCH: BatchLimits = { bytesMax: 1_000_000, recordsMax: 5_000, gzip: false };
/** Carried by the link: a batch crosses it whole or not at all, so a cut in the middle of a small one costs little. */
export const CARRIED_BATCH: BatchLimits = { bytesMax: 128 * 1024, recordsMax: 1_000, gzip: true };

/** What a record and a header have at most besides their texts: lengths, attributes, deltas (KIP-98, record format 2). */
const RECORD_FRAME_BYTES = 36;
const HEADER_FRAME_BYTES = 10;
/** Below this compression gains nothing. */
const GZIP_BYTES_MIN = 512;
/** Records that may wait for a broker; callers that await their produce never come near. */
const QUEUED_BYTES_MAX = 64 * 1024 * 1024;

interface Call {
  messages: Message[];
  /** Messages of it that are not sent yet, from this one on. */
  next: number;
  bytes: number[];
  resolve: () => void;
  reject: (error: FieldlineError) => void;
}

/** Produces to one topic, one request at a time, in order: what arrives while one is under way goes into the next together. */
export class TopicProducer {
  readonly #calls: Call[] = [];
  #queuedBytes = 0;
  #sending = false;

  constructor(
    private readonly producer: Producer,
    private readonly topic: string,
    private readonly limits: BatchLimits,
  ) {}

  send(records: readonly ProduceRecord[]): Promise<void> {
    if (records.length === 0) return Promise.resolve();
    const messages = records.map((record) => ({ key: record.key, value: record.value, headers: record.headers }));
    const bytes = records.map(bytesOf);
    const total = bytes.reduce((sum, size) => sum + size, 0);
    if (this.#queuedBytes + total > QUEUED_BYTES_MAX)
      return Promise.reject(new FieldlineError('UNAVAILABLE', `Too many records wait to be written to ${this.topic}`));
    this.#queuedBytes += total;
    return new Promise((resolve, reject) => {
      this.#calls.push({ messages, next: 0, bytes, resolve, reject });
      if (!this.#sending) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#sending = true;
    while (this.#calls.length > 0) {
      const { messages, bytes, complete } = this.#takeBatch();
      let failure: FieldlineError | null = null;
      try {
        await this.producer.send({
          topic: this.topic,
          messages,
          acks: -1,
          compression: this.limits.gzip && bytes >= GZIP_BYTES_MIN ? CompressionTypes.GZIP : CompressionTypes.None,
        });
      } catch (error) {
        failure = kafkaFailure(error, `Writing to ${this.topic}`);
      }
      this.#queuedBytes -= bytes;
      if (failure) this.#fail(complete, failure);
      else for (const call of complete) call.resolve();
    }
    this.#sending = false;
  }

  /** The next messages in order, and the calls that are complete with them. */
  #takeBatch(): { messages: Message[]; bytes: number; complete: Call[] } {
    const messages: Message[] = [];
    const complete: Call[] = [];
    let bytes = 0;
    for (let call = this.#calls[0]; call !== undefined; call = this.#calls[0]) {
      while (call.next < call.messages.length) {
        const size = call.bytes[call.next]!;
        const full = bytes + size > this.limits.bytesMax || messages.length >= this.limits.recordsMax;
        if (full && messages.length > 0) return { messages, bytes, complete };
        messages.push(call.messages[call.next]!);
        bytes += size;
        call.next += 1;
      }
      complete.push(call);
      this.#calls.shift();
    }
    return { messages, bytes, complete };
  }

  /** Fails the calls that had a part in the batch; the rest of a call that was cut is not sent behind a hole. */
  #fail(complete: Call[], failure: FieldlineError): void {
    for (const call of complete) call.reject(failure);
    const [partial] = this.#calls;
    if (!partial || partial.next === 0) return;
    this.#calls.shift();
    for (let index = partial.next; index < partial.bytes.length; index++) this.#queuedBytes -= partial.bytes[index]!;
    partial.reject(failure);
  }
}

function bytesOf({ key, value, headers = {} }: ProduceRecord): number {
  let bytes = RECORD_FRAME_BYTES + Buffer.byteLength(key) + Buffer.byteLength(value);
  for (const [name, text] of Object.entries(headers))
    bytes += HEADER_FRAME_BYTES + Buffer.byteLength(name) + Buffer.byteLength(text);
  return bytes;
}
