import { KAFKA_ERROR } from '@/fabric/kafka/codec';
import { type Batch, patchPosition, rewriteProducer, SEQUENCE_MODULUS } from '@/fabric/kafka/record-batch';
import { asFieldlineError, FieldlineError } from '@/lib/errors';
import { kafkaError, type PartitionPlace, placeKey, VERSION } from '../client/cluster';
import { type KafkaConnection, SILENCE_MS_MAX } from '../client/connection';
import type { AdaptiveSize } from './figures';

/** Kafka keeps the last five batches of an idempotent producer: more under way could not be told from duplicates. */
const IN_FLIGHT_MAX = 5;
const PRODUCE_TIMEOUT_MS = 30_000;
/** Nobody calls less a link. Bytes under way are waited for at this rate before the connection counts as dead. */
const RATE_BYTES_PER_SECOND_MIN = 512;
const MS_PER_SECOND = 1000;
const ALL_REPLICAS = -1;

export interface ProducerIdentity {
  producerId: number;
  producerEpoch: number;
}

export interface SenderOptions {
  connection: KafkaConnection;
  identity: ProducerIdentity;
  size: AdaptiveSize;
  onAnswer: () => void;
  onSequenceTrouble: () => void;
}

/** Sends batches over one connection, a bounded number of them under way. The first failure ends it. */
export class Sender {
  readonly #options: SenderOptions;
  #count = 0;
  #bytes = 0;
  #stopped = false;
  #waiting: (() => void)[] = [];
  #fail: (error: FieldlineError) => void = () => undefined;
  /** Rejects with the first failure. Never resolves before `stop`. */
  readonly failed: Promise<void>;
  #stop: () => void = () => undefined;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.failed = new Promise((resolve, reject) => {
      this.#stop = resolve;
      this.#fail = reject;
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#stop();
    this.#release();
  }

  /** Waits for room, then sends; `acknowledged` is called in the order sent. Fails with ABORTED once stopped. */
  async send(place: PartitionPlace, batch: Batch, acknowledged: () => void): Promise<void> {
    while (!this.#stopped && !this.#hasRoom(batch.bytes.length))
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.#stopped) throw new FieldlineError('ABORTED', 'Sending was stopped');
    this.#count += 1;
    this.#bytes += batch.bytes.length;
    this.#request(place, batch)
      .then(acknowledged)
      .catch((error: unknown) => {
        if (!this.#stopped) this.#options.size.shrink();
        this.#fail(asFieldlineError(error));
      })
      .finally(() => {
        this.#count -= 1;
        this.#bytes -= batch.bytes.length;
        this.#release();
      });
  }

  /** One batch always fits, however large. */
  #hasRoom(bytes: number): boolean {
    return this.#count === 0 || (this.#count < IN_FLIGHT_MAX && this.#bytes + bytes <= this.#options.size.bytes);
  }

  #release(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async #request(place: PartitionPlace, batch: Batch): Promise<void> {
    const { connection, identity, size } = this.#options;
    const { baseOffset } = batch.header;
    // The log's own bytes are not ours to change.
    const bytes = Buffer.from(batch.bytes);
    // As a producer sends them: Apache Kafka refuses a batch that says where it is to stand.
    patchPosition(bytes, 0, -1);
    rewriteProducer(bytes, { ...identity, baseSequence: baseOffset % SEQUENCE_MODULUS });
    const startedAt = performance.now();
    const patienceMs = SILENCE_MS_MAX + (this.#bytes / RATE_BYTES_PER_SECOND_MIN) * MS_PER_SECOND;
    const response = await connection.request(
      'Produce',
      VERSION.Produce,
      {
        transactionalId: null,
        acks: ALL_REPLICAS,
        timeoutMs: PRODUCE_TIMEOUT_MS,
        topics: [{ name: place.topic, partitions: [{ index: place.partition, records: bytes }] }],
      },
      Math.round(patienceMs),
    );
    this.#options.onAnswer();
    size.observe(bytes.length, performance.now() - startedAt);
    const answer = response.topics[0]?.partitions[0];
    if (!answer) throw new FieldlineError('PROTOCOL', `HQ did not answer for ${placeKey(place)}`);
    if (answer.errorCode !== KAFKA_ERROR.NONE) {
      if (SEQUENCE_ERRORS.has(answer.errorCode)) this.#options.onSequenceTrouble();
      throw kafkaError(answer.errorCode, `records for ${placeKey(place)}`);
    }
    // -1: a duplicate of something that left HQ's memory of our last batches, and is in its log.
    if (answer.baseOffset !== baseOffset && answer.baseOffset !== -1)
      throw new FieldlineError(
        'LINK_DIVERGED',
        `HQ put records of ${placeKey(place)} at offset ${answer.baseOffset} in place of ${baseOffset}: somebody else writes this topic at HQ`,
        { remedy: 'Let only this site write the topic; delete it at HQ and resume the link' },
      );
  }
}

/** The answers of a broker that does not expect this sequence number: ask for the end of its log again. */
const SEQUENCE_ERRORS = new Set<number>([
  KAFKA_ERROR.OUT_OF_ORDER_SEQUENCE_NUMBER,
  KAFKA_ERROR.DUPLICATE_SEQUENCE_NUMBER,
  KAFKA_ERROR.INVALID_PRODUCER_EPOCH,
  KAFKA_ERROR.UNKNOWN_PRODUCER_ID,
]);
