/**
 * What a partition remembers of idempotent producers (KIP-98): per producer its epoch and its last five batches, so that a batch sent
 * twice is stored once. Survives restarts: it is saved with each sealed segment and replayed from the batches behind it.
 */
import type { BatchHeader } from '../kafka/record-batch';
import { nextSequence, SEQUENCE_MODULUS } from '../kafka/record-batch';

/** A producer has at most five requests in flight (`max.in.flight.requests.per.connection` of idempotent producers). */
const REMEMBERED_BATCHES_MAX = 5;
/** The producers that wrote longest ago are forgotten beyond this; then any sequence of theirs is accepted again. */
export const PRODUCERS_MAX = 2000;

interface RememberedBatch {
  firstSequence: number;
  lastSequence: number;
  baseOffset: number;
}
interface Producer {
  epoch: number;
  /** Oldest first. */
  batches: readonly RememberedBatch[];
}
type SavedProducer = [id: number, epoch: number, batches: [number, number, number][]];

export type SequenceVerdict =
  | { kind: 'append' }
  | { kind: 'duplicate'; baseOffset: number }
  /** So long ago that its offset is forgotten. */
  | { kind: 'old-duplicate' }
  | { kind: 'out-of-order' }
  | { kind: 'stale-epoch' };

export class ProducerState {
  /** In order of last write. */
  readonly #producers: Map<number, Producer>;

  constructor(saved: readonly SavedProducer[] = []) {
    this.#producers = new Map(
      saved.map(([id, epoch, batches]) => [
        id,
        {
          epoch,
          batches: batches.map(([firstSequence, lastSequence, baseOffset]) => ({
            firstSequence,
            lastSequence,
            baseOffset,
          })),
        },
      ]),
    );
  }

  /** What to do with a batch. Batches of no idempotent producer are always appended. */
  judge(header: BatchHeader): SequenceVerdict {
    if (header.producerId < 0) return { kind: 'append' };
    const producer = this.#producers.get(header.producerId);
    // A producer unknown here may begin anywhere: its earlier records are gone by retention (KIP-360).
    if (producer === undefined) return { kind: 'append' };
    if (header.producerEpoch < producer.epoch) return { kind: 'stale-epoch' };
    if (header.producerEpoch > producer.epoch)
      return header.baseSequence === 0 ? { kind: 'append' } : { kind: 'out-of-order' };
    const lastSequence = lastSequenceOf(header);
    const known = producer.batches.find(
      (batch) => batch.firstSequence === header.baseSequence && batch.lastSequence === lastSequence,
    );
    if (known) return { kind: 'duplicate', baseOffset: known.baseOffset };
    const expected = nextSequence(producer.batches.at(-1)!.lastSequence, 1);
    if (header.baseSequence === expected) return { kind: 'append' };
    const behind = (expected - header.baseSequence + SEQUENCE_MODULUS) % SEQUENCE_MODULUS;
    return { kind: behind < SEQUENCE_MODULUS / 2 && behind >= header.recordCount ? 'old-duplicate' : 'out-of-order' };
  }

  /** Remembers a batch that is in the log at `baseOffset`. */
  record(header: BatchHeader, baseOffset: number): void {
    if (header.producerId < 0) return;
    const before = this.#producers.get(header.producerId);
    const kept = before?.epoch === header.producerEpoch ? before.batches.slice(1 - REMEMBERED_BATCHES_MAX) : [];
    this.#producers.delete(header.producerId);
    this.#producers.set(header.producerId, {
      epoch: header.producerEpoch,
      batches: [...kept, { firstSequence: header.baseSequence, lastSequence: lastSequenceOf(header), baseOffset }],
    });
    if (this.#producers.size > PRODUCERS_MAX) this.#producers.delete(this.#producers.keys().next().value!);
  }

  /** A copy that can be changed and thrown away. Entries are immutable, so this is cheap. */
  fork(producerIds: Iterable<number>): ProducerState {
    const copy = new ProducerState();
    for (const id of producerIds) {
      const producer = this.#producers.get(id);
      if (producer) copy.#producers.set(id, producer);
    }
    return copy;
  }

  /** Takes over what a fork has recorded. */
  merge(fork: ProducerState): void {
    for (const [id, producer] of fork.#producers) {
      this.#producers.delete(id);
      this.#producers.set(id, producer);
    }
    while (this.#producers.size > PRODUCERS_MAX) this.#producers.delete(this.#producers.keys().next().value!);
  }

  toJSON(): SavedProducer[] {
    return [...this.#producers].map(([id, producer]) => [
      id,
      producer.epoch,
      producer.batches.map((batch) => [batch.firstSequence, batch.lastSequence, batch.baseOffset]),
    ]);
  }
}

function lastSequenceOf(header: BatchHeader): number {
  return nextSequence(header.baseSequence, Math.max(0, header.recordCount - 1));
}
